import { utcDay } from '@ceres/internal';
import { openedMsIn } from '@ceres/storage/internal';
import type { Activity, DayStatus } from './types';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** How many hours are counted before the one that goes on. */
const hoursMax = 7 * 24;
/** A file of a seed holds a shard; its points lie in no more days than this, or its days say nothing. */
const seedDaysMax = 3_700;

/** What a ledger or a manifest says of the records of a file. */
interface NamedRecords {
  readonly lines: number;
  readonly fromNs: bigint | undefined;
  readonly toNs: bigint | undefined;
}

type Day = { -readonly [K in keyof DayStatus]: DayStatus[K] };

/** Counts the files of one partition by days, and their records by hours. */
export class ActivityTally {
  readonly #firstHourMs: number;
  readonly #days = new Map<string, Day>();
  /** What ledgers and manifests say: it may turn out wrong, and is then counted once more. */
  readonly #seeded = new Map<string, Day>();
  readonly #named = new Map<number, number>();
  readonly #read = new Map<number, number>();
  /** The ids of files of seeds: what manifests say of them comes after the listing. */
  readonly #seedIds = new Set<string>();

  constructor(nowMs: number) {
    this.#firstHourMs = hourOf(nowMs) - hoursMax * hourMs;
  }

  addFile(day: string, isUnvouched: boolean): void {
    count(this.#days, day, isUnvouched);
  }

  addSeedFile(id: string): void {
    this.#seedIds.add(id);
  }

  forgetNamed(): void {
    this.#seeded.clear();
    this.#named.clear();
  }

  addNamed(id: string, { lines, fromNs, toNs }: NamedRecords): void {
    if (!this.#seedIds.has(id)) this.#addHour(this.#named, id, lines);
    else if (fromNs !== undefined && toNs !== undefined) this.#addSeeded(fromNs, toNs);
  }

  addRead(id: string, lines: number): void {
    this.#addHour(this.#read, id, lines);
  }

  activity(): Activity {
    const days = new Map<string, Day>();
    for (const { day, files, unvouchedFiles } of [...this.#days.values(), ...this.#seeded.values()]) {
      const sum = days.get(day) ?? { day, files: 0, unvouchedFiles: 0 };
      days.set(day, { day, files: sum.files + files, unvouchedFiles: sum.unvouchedFiles + unvouchedFiles });
    }
    const hours = new Map(this.#named);
    for (const [fromMs, lines] of this.#read) hours.set(fromMs, (hours.get(fromMs) ?? 0) + lines);
    return {
      days: [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1)),
      hours: [...hours].map(([fromMs, lines]) => ({ fromMs, lines })).sort((a, b) => a.fromMs - b.fromMs),
    };
  }

  #addHour(hours: Map<number, number>, id: string, lines: number): void {
    const openedMs = openedMsIn(id);
    if (openedMs === undefined || openedMs < this.#firstHourMs) return;
    const fromMs = hourOf(openedMs);
    hours.set(fromMs, (hours.get(fromMs) ?? 0) + lines);
  }

  #addSeeded(fromNs: bigint, toNs: bigint): void {
    const [fromMs, toMs] = [dayOf(fromNs), dayOf(toNs)];
    if (toMs - fromMs > seedDaysMax * dayMs) return;
    for (let ms = fromMs; ms <= toMs; ms += dayMs) count(this.#seeded, utcDay(ms), false);
  }
}

function count(days: Map<string, Day>, day: string, isUnvouched: boolean): void {
  const known = days.get(day) ?? { day, files: 0, unvouchedFiles: 0 };
  days.set(day, known);
  known.files += 1;
  if (isUnvouched) known.unvouchedFiles += 1;
}

function hourOf(ms: number): number {
  return Math.floor(ms / hourMs) * hourMs;
}

function dayOf(ns: bigint): number {
  return Math.floor(Number(ns / 1_000_000n) / dayMs) * dayMs;
}
