import { decodeFile, LineProtocolError } from '@ceres/lineproto';
import { readObject, StorageError } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import type { OrderedFile } from '../plan/order';
import { Sequences } from './sequences';

/** Something to know about a file, or about one that is missing. */
export interface FileFinding {
  /** Absent where the file itself is missing. */
  readonly key?: string;
  readonly problem:
    | 'corrupt' // gzip, digest or content
    | 'cut-off' // a file of this system without its footer
    | 'missing' // a gap in the sequence numbers
    | 'unsealed'; // an older system's: nothing certifies it, and nothing speaks against it
  readonly reason: string;
}

export interface FilesCheck {
  readonly files: number;
  readonly lines: number;
  readonly findings: readonly FileFinding[];
}

const batchBytesMax = 1024 * 1024;

/** Findings are kept up to this number: more say nothing new, and a report must stay a report. */
const findingsMax = 10_000;

/** Whether a finding speaks against the backup. */
export function isFault({ problem }: FileFinding): boolean {
  return problem !== 'unsealed';
}

/**
 * Reads every file whole: gzip, footer, digest, and the sequence numbers across them.
 *
 * @throws StorageError
 */
export async function checkFiles(files: AsyncIterable<OrderedFile>, selection: ResolvedSelection): Promise<FilesCheck> {
  const findings: FileFinding[] = [];
  const sequences = new Sequences();
  let count = 0;
  let lines = 0;
  for await (const { key } of files) {
    selection.signal?.throwIfAborted();
    count += 1;
    const checked = await checkFile(key, selection, sequences);
    lines += checked.lines;
    if (checked.finding !== undefined && findings.length < findingsMax) findings.push(checked.finding);
  }
  for (const reason of sequences.gaps()) findings.push({ problem: 'missing', reason });
  return { files: count, lines, findings };
}

async function checkFile(
  key: string,
  { storage, signal }: ResolvedSelection,
  sequences: Sequences,
): Promise<{ lines: number; finding?: FileFinding }> {
  let lines = 0;
  try {
    const gz = readObject(storage, key, signal ? { signal } : {});
    const decoded = decodeFile(gz, { batchBytesMax, batchLinesMax: Number.MAX_SAFE_INTEGER });
    const header = await decoded.header;
    sequences.add(header);
    for await (const batch of decoded) lines += batch.lines;
    const verdict = await decoded.verdict;
    if (verdict.status === 'corrupt') return { lines, finding: { key, problem: 'corrupt', reason: verdict.reason } };
    if (verdict.status === 'sealed') return { lines };
    if (header.formatVersion === undefined) {
      return { lines, finding: { key, problem: 'unsealed', reason: 'no footer: made by an older system' } };
    }
    return { lines, finding: { key, problem: 'cut-off', reason: `no footer: it ends after ${lines} lines` } };
  } catch (error) {
    if (error instanceof LineProtocolError)
      return { lines, finding: { key, problem: 'corrupt', reason: error.message } };
    if (error instanceof StorageError && error.code === 'NOT_FOUND') {
      return { lines, finding: { key, problem: 'missing', reason: 'it is gone since it was listed' } };
    }
    throw error;
  }
}
