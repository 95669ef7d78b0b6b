import { systemClock } from '@ceres/internal';
import {
  describeFinding,
  formatKey,
  type KeyParts,
  type LedgerFinding,
  type LedgerSurvey,
  type LostFiles,
  surveyLedgers,
} from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import { orderedFile } from '../plan/order';
import { isSelected, shardOf } from '../plan/partitions';
import type { FileFinding } from './finding';

/** What the ledgers of sinks say. */
export interface Ledgers extends Pick<LedgerSurvey, 'sinks' | 'findings' | 'closed' | 'closedKeys'> {}

/**
 * Returns the state of the sinks, and what their ledgers say is missing of the selected part of a backup: lost files, files still in a spool, heartbeats that are
 * gone or not to be believed, and sinks that are silent; apart from it the lost files that a seed has made up for. Reads the heartbeats, and lists the files
 * again; returns nothing for a backup without ledgers.
 *
 * @throws StorageError once retrying has not helped
 */
export async function readLedgers(selection: ResolvedSelection): Promise<Ledgers> {
  const ledgers = await readAllLedgers(selection);
  const [findings, closed] = [ledgers.findings, ledgers.closed].map((found) =>
    found.filter((finding) => concerns(finding, selection)),
  ) as [LedgerFinding[], LostFiles[]];
  return { ...ledgers, findings, closed };
}

/** Returns what ledgers find, as findings of files: those that are closed last. */
export function missingIn({ findings, closed }: Pick<Ledgers, 'findings' | 'closed'>): FileFinding[] {
  return [...findings.map(toFileFinding), ...closedIn({ closed })];
}

/** Returns the lost files that a seed has made up for, as findings of files. */
export function closedIn({ closed }: Pick<Ledgers, 'closed'>): FileFinding[] {
  return closed.map((finding) => ({ ...toFileFinding(finding), closed: true }));
}

/** Returns the same with what says nothing against a file: that no ledger names it. */
export async function readAllLedgers(selection: ResolvedSelection): Promise<Ledgers> {
  const { storage, instance, keepMs, retired, signal } = selection;
  return await surveyLedgers(storage, {
    instance,
    nowMs: systemClock.now(),
    select: (parts) => isWanted(parts, selection),
    keepMs,
    retired,
    seeds: selection.seeds,
    retry: { signal },
    listFiles: 'for ledgers',
  });
}

/** Returns whether a file is selected by its key, and of this shard. */
export function isWanted(parts: KeyParts, selection: ResolvedSelection): boolean {
  if (parts.quarantine) return false;
  const file = orderedFile(parts, { key: formatKey(parts), sizeBytes: 0, createdMs: 0 });
  return isSelected(file, selection) && shardOf(file.database, selection.shard.of) === selection.shard.index;
}

/** Returns whether a finding may be about selected points. That no ledger names a file says nothing against the file: `status` reports it. */
function concerns(finding: LedgerFinding, { from, until }: ResolvedSelection): boolean {
  if (finding.kind === 'unvouched' || finding.kind === 'unnamed') return false;
  if (finding.kind === 'unfinished-seed') return false; // what lists the files finds it with them
  if (finding.kind !== 'lost' && finding.kind !== 'resized') return true;
  return (from === undefined || finding.toNs >= from) && (until === undefined || finding.fromNs < until);
}

export function toFileFinding(finding: LedgerFinding): FileFinding {
  const found = { name: finding.name, problem: finding.kind, reason: describeFinding(finding) };
  if (!('lines' in finding)) return found;
  return { ...found, lines: finding.lines, first: finding.fromNs, last: finding.toNs };
}
