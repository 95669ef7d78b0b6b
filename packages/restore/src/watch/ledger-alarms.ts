import { describeFinding, type LedgerFinding } from '@ceres/storage';
import type { ResolvedWatch } from '../options/watch';
import type { InstanceStatus } from '../status/types';
import type { WatchAlarm } from './types';

/** What the ledgers of an instance say against its backup. */
export interface LedgerAlarms {
  readonly alarms: readonly WatchAlarm[];
  /** Sinks that are late or silent, not for longer than the grace. */
  readonly pending: readonly WatchAlarm[];
}

/** Turns what the status of a backup found into alarms; what is late may come within the grace. */
export function ledgerAlarms(
  status: InstanceStatus,
  { accept, graceMs }: Pick<ResolvedWatch, 'accept' | 'graceMs'>,
  nowMs: number,
): LedgerAlarms {
  const { instance, findings, sequenceGaps, hasLedger, seeds } = status;
  const alarms: WatchAlarm[] = [];
  const pending: WatchAlarm[] = [];
  for (const finding of findings) {
    const isPending = sinceMsOf(finding) > nowMs - graceMs;
    (isPending ? pending : alarms).push(findingAlarm(finding, instance));
  }
  for (const { name, problem, reason } of sequenceGaps) alarms.push({ kind: problem, name, instance, reason });
  const name = `no-ledger/${instance}`;
  if (!hasLedger && seeds.length === 0 && !accept.has(name)) {
    const reason = `no sink keeps a ledger of the files of ${instance}: nothing tells what is missing`;
    alarms.push({ kind: 'no-ledger', name, instance, reason });
  }
  return { alarms, pending };
}

/** Returns since when a sink lets others wait. What is not late counts from the beginning of time. */
function sinceMsOf(finding: LedgerFinding): number {
  if (finding.kind === 'silent') return finding.dueMs;
  // What the storage refuses does not come by waiting.
  if (finding.kind === 'late' && finding.parked === 0) return finding.sinceMs;
  return Number.NEGATIVE_INFINITY;
}

function findingAlarm(finding: LedgerFinding, instance: string): WatchAlarm {
  const { kind, name } = finding;
  const { database, retentionPolicy } = ('partition' in finding && finding.partition) || {};
  const times = 'fromNs' in finding ? { fromNs: finding.fromNs, untilNs: finding.toNs + 1n } : {};
  return {
    kind,
    name,
    instance,
    ...(database !== undefined && { database }),
    ...(retentionPolicy !== undefined && { retentionPolicy }),
    ...times,
    reason: describeFinding(finding),
  };
}
