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

/** When an alarm is judged. */
export interface AlarmTimes {
  readonly nowMs: number;
  /** When an earlier run first saw a finding, by its name, in ms since the epoch. */
  readonly since: ReadonlyMap<string, number>;
}

/** Turns what the status of a backup found into alarms; what is late may come within the grace. */
export function ledgerAlarms(
  status: InstanceStatus,
  { accept, graceMs }: Pick<ResolvedWatch, 'accept' | 'graceMs'>,
  { nowMs, since }: AlarmTimes,
): LedgerAlarms {
  const { instance, findings, sequenceGaps, hasLedger, seeds } = status;
  const alarms: WatchAlarm[] = [];
  const pending: WatchAlarm[] = [];
  const isWithoutLedger = !hasLedger && seeds.length === 0;
  for (const finding of findings) {
    if (isWithoutLedger && finding.kind === 'unvouched') continue; // said once, below
    const isPending = sinceMsOf(finding, since.get(finding.name) ?? nowMs) > nowMs - graceMs;
    (isPending ? pending : alarms).push(findingAlarm(finding, instance));
  }
  for (const { name, problem, reason } of sequenceGaps) alarms.push({ kind: problem, name, instance, reason });
  const name = `no-ledger/${instance}`;
  if (isWithoutLedger && !accept.has(name)) {
    const reason = `no sink keeps a ledger of the files of ${instance}: nothing tells what is missing`;
    alarms.push({ kind: 'no-ledger', name, instance, reason });
  }
  return { alarms, pending };
}

/** Returns since when a sink lets others wait. What is not late counts from the beginning of time. */
function sinceMsOf(finding: LedgerFinding, seenMs: number): number {
  if (finding.kind === 'silent') return finding.dueMs;
  // The next heartbeat may name it, as that of a sink that has just begun.
  if (finding.kind === 'unvouched') return seenMs;
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
