import { readObject } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import { checkFile } from './check-file';
import { type FileFinding, findingsMax } from './finding';
import { missingFrom } from './missing';
import { SequenceGaps } from './sequence-gaps';

/** What reading all files has shown. */
export interface FilesCheck {
  readonly lines: number;
  readonly findings: readonly FileFinding[];
}

/**
 * Reads every file whole and proves it, checks the sequence numbers across all of them, and asks the sinks' ledgers what is missing.
 *
 * @throws StorageError
 */
export async function checkFiles(
  files: AsyncIterable<{ readonly key: string }>,
  selection: ResolvedSelection,
): Promise<FilesCheck> {
  const { storage, signal } = selection;
  const findings: FileFinding[] = [];
  const sequences = new SequenceGaps();
  let lines = 0;
  for await (const { key } of files) {
    signal?.throwIfAborted();
    const check = await checkFile(key, readObject(storage, key, signal ? { signal } : {}));
    lines += check.lines;
    const { finding, header } = check;
    if (finding !== undefined && findings.length < findingsMax) findings.push(finding);
    if (header !== undefined) sequences.add(header);
  }
  const missing = await missingFrom(selection);
  return { lines, findings: [...findings, ...sequences.gaps().slice(0, findingsMax), ...missing] };
}
