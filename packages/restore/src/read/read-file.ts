import { type Batch, decodeFile, type FileHeader, LineProtocolError } from '@ceres/lineproto';
import { readObject, StorageError } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';

/** Something to know about a file, or about one that is missing. */
export interface FileFinding {
  /** Absent where the file itself is missing. */
  readonly key?: string;
  readonly problem:
    | 'corrupt' // gzip, digest or content
    | 'cut-off' // a file of this system without its footer
    | 'missing' // a gap in the sequence numbers, or gone since it was listed
    | 'unsealed'; // an older system's: nothing certifies it, and nothing speaks against it
  readonly reason: string;
}

/** The findings that a report keeps. More would say nothing new. */
export const findingsMax = 10_000;

export interface FileVisitor {
  /** Before any batch. @returns whether to read on */
  header(header: FileHeader): boolean;
  batch(batch: Batch, header: FileHeader): void | Promise<void>;
}

/** Also what is held of a file at once. */
const batchBytesMax = 512 * 1024;

/** Whether a finding speaks against the backup. */
export function isFault({ problem }: FileFinding): boolean {
  return problem !== 'unsealed';
}

/**
 * Reads one file, whole unless the visitor has enough.
 *
 * @returns what is to be said of it
 * @throws StorageError, but for a file that is gone
 */
export async function readFile(
  key: string,
  { storage, signal }: ResolvedSelection,
  visitor: FileVisitor,
): Promise<FileFinding | undefined> {
  let lines = 0;
  try {
    const gz = readObject(storage, key, signal ? { signal } : {});
    const decoded = decodeFile(gz, { batchBytesMax, batchLinesMax: Number.MAX_SAFE_INTEGER });
    const header = await decoded.header;
    if (!visitor.header(header)) return undefined;
    for await (const batch of decoded) {
      signal?.throwIfAborted();
      lines += batch.lines;
      await visitor.batch(batch, header);
    }
    const verdict = await decoded.verdict;
    if (verdict.status === 'sealed') return undefined;
    if (verdict.status === 'corrupt') return { key, problem: 'corrupt', reason: verdict.reason };
    if (header.formatVersion !== undefined) {
      return { key, problem: 'cut-off', reason: `no footer: it ends after ${lines} lines` };
    }
    return { key, problem: 'unsealed', reason: 'no footer: made by an older system' };
  } catch (error) {
    if (error instanceof LineProtocolError) return { key, problem: 'corrupt', reason: error.message };
    if (error instanceof StorageError && error.code === 'NOT_FOUND') {
      return { key, problem: 'missing', reason: 'it is gone since it was listed' };
    }
    throw error;
  }
}
