import { systemClock } from '@ceres/internal';
import {
  describeFinding,
  formatKey,
  type KeyParts,
  type LedgerFinding,
  type SinkState,
  surveyLedgers,
} from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import { orderedFile } from '../plan/order';
import { isSelected, shardOf } from '../plan/partitions';
import type { FileFinding } from './finding';

/** Returns what `readLedgers` finds, as findings of files. */
export async function missingFrom(selection: ResolvedSelection): Promise<FileFinding[]> {
  return (await readLedgers(selection)).findings.map(toFileFinding);
}

/**
 * Returns the state of the sinks, and what their ledgers say is missing of the selected part of a backup: lost files, files still in a spool, heartbeats that are
 * gone or not to be believed, and sinks that are silent. Reads the heartbeats, and lists the files again; returns nothing for a
 * backup without ledgers.
 *
 * @throws StorageError once retrying has not helped
 */
export async function readLedgers(
  selection: ResolvedSelection,
): Promise<{ readonly sinks: readonly SinkState[]; readonly findings: readonly LedgerFinding[] }> {
  const { storage, instance, keepMs, retired, signal } = selection;
  const { sinks, findings } = await surveyLedgers(storage, {
    instance,
    nowMs: systemClock.now(),
    select: (parts) => isWanted(parts, selection),
    keepMs,
    retired,
    retry: { signal },
    listFiles: 'for ledgers',
  });
  return { sinks, findings: findings.filter((finding) => concerns(finding, selection)) };
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
  if (finding.kind !== 'lost' && finding.kind !== 'resized') return true;
  return (from === undefined || finding.toNs >= from) && (until === undefined || finding.fromNs < until);
}

export function toFileFinding(finding: LedgerFinding): FileFinding {
  const found = { name: finding.name, problem: finding.kind, reason: describeFinding(finding) };
  if (!('lines' in finding)) return found;
  return { ...found, lines: finding.lines, first: finding.fromNs, last: finding.toNs };
}
