import type { InstanceStatus } from '../status/types';
import { ledgerAlarms } from '../watch/ledger-alarms';
import type { WatchAlarm, WatchAlarmKind } from '../watch/types';
import { listed } from './database-disasters';
import type { Cure, Disaster, DisasterKind } from './types';

/** What each finding about a backup is a sign of. The others are damaged files. */
const kinds: Partial<Record<WatchAlarmKind, DisasterKind>> = {
  silent: 'silent-sink',
  late: 'late-sink',
  unvouched: 'unvouched-files',
  unnamed: 'unvouched-files',
  'ledger-gap': 'unvouched-files',
  untrusted: 'unvouched-files',
  'no-ledger': 'no-ledger',
};

/** Returns what the ledgers say against a backup. */
export function alarmsOfStatus(status: InstanceStatus, accept: ReadonlySet<string>, nowMs: number): WatchAlarm[] {
  const { alarms, pending } = ledgerAlarms(status, { accept, graceMs: 0 }, { nowMs, since: new Map() });
  return [...alarms, ...pending];
}

/**
 * Says what has happened to a backup.
 *
 * @param alarms what its ledgers and its files show
 * @param isWhole true if the database lacks nothing that the backup still has: then a copy of it makes up for what is lost
 */
export function backupDisasters(alarms: readonly WatchAlarm[], isWhole: boolean): Disaster[] {
  const byKind = new Map<DisasterKind, WatchAlarm[]>();
  for (const alarm of alarms) {
    const kind = kinds[alarm.kind] ?? 'damaged-backup';
    byKind.set(kind, [...(byKind.get(kind) ?? []), alarm]);
  }
  return [...byKind].map(([kind, own]) => ({
    kind,
    databases: [],
    reason: listed(own.map(({ reason }) => reason)),
    cure: cureOf(kind, isWhole),
    findings: own.map(({ name }) => name),
  }));
}

function cureOf(kind: DisasterKind, isWhole: boolean): Cure {
  if (kind === 'silent-sink' || kind === 'late-sink') return { action: 'start the sink' };
  if (kind === 'unvouched-files' || kind === 'no-ledger') return { action: 'check' };
  return isWhole ? { action: 'seed again' } : { action: 'restore', intoExisting: true, salvage: true };
}
