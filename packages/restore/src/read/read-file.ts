import { type Batch, decodeFile, type FileHeader, LineProtocolError } from '@ceres/lineproto';
import { readObject, StorageError } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';

/** Something that an operator should know about a file, or about a missing one. */
export interface FileFinding {
  /** Absent if the file itself is missing. */
  readonly key?: string;
  readonly problem:
    | 'corrupt' // the gzip stream, the digest or the content is wrong
    | 'cut-off' // a file of this system without its footer
    | 'missing' // a gap in the sequence numbers, or a file that is gone since it was listed
    | 'unsealed'; // a file of an older system: nothing certifies it, and nothing speaks against it
  readonly reason: string;
}

/** The findings that a report keeps. More would say nothing new. */
export const findingsMax = 10_000;

/** Receives the content of a file that is read. */
export interface FileVisitor {
  /** Called before any batch; returns whether to read on. */
  header(header: FileHeader): boolean;
  batch(batch: Batch, header: FileHeader): void | Promise<void>;
}

/** Why a file that was listed cannot be read. */
export const goneReason = 'it is gone since it was listed';

/** The size of a batch, and so what is held of a file in memory. */
const batchBytesMax = 512 * 1024;

/** Returns whether a finding speaks against the backup. */
export function isFault({ problem }: FileFinding): boolean {
  return problem !== 'unsealed';
}

/**
 * Reads one file: all of it, unless the visitor stops at the header.
 *
 * @returns what an operator should know about it; `undefined` if nothing
 * @throws StorageError, except for a file that is gone
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
    const integrity = await decoded.integrity;
    if (integrity.status === 'sealed') return undefined;
    if (integrity.status === 'corrupt') return { key, problem: 'corrupt', reason: integrity.reason };
    if (header.formatVersion !== undefined) {
      return { key, problem: 'cut-off', reason: `no footer: it ends after ${lines} lines` };
    }
    return { key, problem: 'unsealed', reason: 'no footer: an older system made it' };
  } catch (error) {
    if (error instanceof LineProtocolError) return { key, problem: 'corrupt', reason: error.message };
    if (error instanceof StorageError && error.code === 'NOT_FOUND') {
      return { key, problem: 'missing', reason: goneReason };
    }
    throw error;
  }
}
