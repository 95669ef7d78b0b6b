import { type LedgerFinding, readObject } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import type { Steps } from '../progress/steps';
import { checkFile } from './check-file';
import { closedBySeed } from './closed';
import { counted } from './counted';
import { type FileFinding, findingsMax, isFault } from './finding';
import { missingIn, readLedgers, toFileFinding } from './missing';
import { SequenceGaps } from './sequence-gaps';
import { UnreadableFiles } from './unreadable-files';

/** What reading all files has shown. */
export interface FilesCheck {
  readonly lines: number;
  readonly findings: readonly FileFinding[];
  /** How many more files are damaged than `findings` names. */
  readonly faultsUnnamed: number;
}

export interface CheckFilesOptions {
  /** The findings of each kind that are kept, as tests lower it. */
  readonly max?: number;
  /** The seeds that are unfinished. */
  readonly unfinishedSeeds?: readonly LedgerFinding[];
  /** Counts the bytes that are read. */
  readonly steps?: Steps;
}

/**
 * Reads every file whole and proves it, checks the sequence numbers across all of them, and asks the sinks' ledgers what is missing.
 *
 * @throws StorageError if the storage is not there: a file that it cannot read is a finding
 */
export async function checkFiles(
  files: AsyncIterable<{ readonly key: string }>,
  selection: ResolvedSelection,
  { max = findingsMax, steps, unfinishedSeeds = [] }: CheckFilesOptions = {},
): Promise<FilesCheck> {
  const { storage, signal } = selection;
  const faults: FileFinding[] = [];
  const notices: FileFinding[] = [];
  let faultsUnnamed = 0;
  const sequences = new SequenceGaps();
  const unreadable = new UnreadableFiles();
  let lines = 0;
  /** The damaged files that a seed has made up for: the header with its number may be damaged, too. */
  const closedKeys: string[] = [];
  const add = (found: FileFinding) => {
    const finding = closedBySeed(found, selection.seeds);
    if (finding.closed && finding.key !== undefined) closedKeys.push(finding.key);
    const kept = isFault(finding) ? faults : notices; // so that no number of notices hides a fault
    if (kept.length < max) kept.push(finding);
    else if (kept === faults) faultsUnnamed += 1;
  };
  const onBytes = (bytes: number) => steps?.add('files', bytes);
  for await (const { key } of files) {
    signal?.throwIfAborted();
    try {
      const gz = readObject(storage, key, signal ? { signal } : {});
      const md5 = selection.seeds.find(key)?.file.digest;
      const check = await checkFile(key, counted(gz, onBytes), { md5 });
      unreadable.reset();
      lines += check.lines;
      if (check.finding !== undefined) add(check.finding);
      if (check.header !== undefined) sequences.add(check.header, key);
    } catch (error) {
      add(unreadable.findingOf(key, error));
    }
  }
  const ledgers = await readLedgers(selection);
  const missing = [...missingIn(ledgers), ...unfinishedSeeds.map(toFileFinding)];
  const gaps = sequences.gaps(selection.seeds, [...closedKeys, ...ledgers.closedKeys]).map(({ finding }) => finding);
  faultsUnnamed += Math.max(0, gaps.length - max);
  return { lines, findings: [...faults, ...notices, ...gaps.slice(0, max), ...missing], faultsUnnamed };
}
