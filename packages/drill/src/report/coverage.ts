import type { InstanceStatus, PartitionStatus } from '@ceres/restore';
import type { LedgerFinding } from '@ceres/storage';

/** What is known of one day of one database. The later ones in this list hide the others of the same day. */
export const dayStates = ['none', 'quiet', 'stored', 'late', 'silent', 'unvouched', 'lost', 'damaged'] as const;
export type DayState = (typeof dayStates)[number];

/** What each state means, for the legend. */
export const meanings: Readonly<Record<Exclude<DayState, 'none'>, string>> = {
  stored: 'files were stored, and a ledger or a seed names them',
  quiet: 'a sink ran, and nothing was written',
  late: 'files that wait in a spool',
  silent: 'a sink did not say anything: what it acked may be missing',
  unvouched: 'files that no ledger names, or no ledger for that time',
  lost: 'files that a ledger names, and that are gone',
  damaged: 'files that are not as they were stored',
};

const dayMs = 86_400_000;
/** Earlier days are not shown: a timestamp can be of any year. */
const daysMax = 3_660;

/** The days of one database, each with its state. */
export interface Coverage {
  readonly database: string;
  /** The first day, in days since the epoch. */
  readonly firstDay: number;
  readonly states: readonly DayState[];
}

/** Returns the coverage of each database of an instance, from its first day until today. */
export function coverageOf(status: InstanceStatus, nowMs: number): readonly Coverage[] {
  const today = Math.floor(nowMs / dayMs);
  const everywhere = new Days(today);
  for (const { firstMs, lastMs } of status.sinks) everywhere.mark('quiet', firstMs, lastMs);
  const databases = new Map<string, Days>();
  const daysOf = (name: string) => {
    const days = databases.get(name) ?? new Days(today);
    databases.set(name, days);
    return days;
  };
  for (const partition of status.partitions) markStored(daysOf(partition.database), partition);
  for (const finding of status.findings) markFinding(finding, nowMs, { everywhere, daysOf });
  const names = [...databases.keys()].sort((a, b) => (a < b ? -1 : 1));
  return names.map((database) => ({ database, ...daysOf(database).over(everywhere) }));
}

function markStored(days: Days, { activity, firstDay, lastDay }: PartitionStatus): void {
  for (const { day, unvouchedFiles } of activity?.days ?? []) {
    days.markDay(unvouchedFiles > 0 ? 'unvouched' : 'stored', dayNumber(day));
  }
  if (activity?.days.length === 0) for (const day of [firstDay, lastDay]) days.markDay('stored', dayNumber(day));
}

interface Marked {
  /** What is known of every database of the instance. */
  readonly everywhere: Days;
  readonly daysOf: (database: string) => Days;
}

function markFinding(finding: LedgerFinding, nowMs: number, { everywhere, daysOf }: Marked): void {
  switch (finding.kind) {
    case 'lost':
    case 'resized': {
      const state = finding.kind === 'lost' ? 'lost' : 'damaged';
      daysOf(finding.partition.database).mark(state, msOf(finding.fromNs), msOf(finding.toNs));
      break;
    }
    case 'late':
      everywhere.mark('late', finding.sinceMs, nowMs);
      break;
    case 'silent':
      everywhere.mark('silent', finding.storedUpToMs, nowMs);
      break;
    case 'ledger-gap':
      everywhere.mark('unvouched', finding.afterMs ?? finding.beforeMs, finding.beforeMs);
      break;
    default: // marked by the days of its files, or about no time
  }
}

/** The states of days. */
class Days {
  readonly #today: number;
  readonly #states = new Map<number, DayState>();

  constructor(today: number) {
    this.#today = today;
  }

  mark(state: DayState, fromMs: number, toMs: number): void {
    const last = Math.min(Math.floor(toMs / dayMs), this.#today);
    for (let day = Math.max(Math.floor(fromMs / dayMs), this.#today - daysMax); day <= last; day += 1) {
      this.markDay(state, day);
    }
  }

  markDay(state: DayState, day: number): void {
    if (day > this.#today || day < this.#today - daysMax) return;
    if (rank(state) > rank(this.#states.get(day) ?? 'none')) this.#states.set(day, state);
  }

  /** Returns all states from the first day on, with those that every database has. */
  over(everywhere: Days): Omit<Coverage, 'database'> {
    const firstDay = [...this.#states.keys()].reduce((least, day) => Math.min(least, day), this.#today);
    const states = Array.from({ length: this.#today - firstDay + 1 }, (_, i) => {
      const [own, shared] = [this, everywhere].map((days) => days.#states.get(firstDay + i) ?? 'none');
      return rank(shared as DayState) > rank(own as DayState) ? (shared as DayState) : (own as DayState);
    });
    return { firstDay, states };
  }
}

function rank(state: DayState): number {
  return dayStates.indexOf(state);
}

function dayNumber(day: string): number {
  return Math.floor(Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`) / dayMs);
}

function msOf(ns: bigint): number {
  return Number(ns / 1_000_000n);
}
