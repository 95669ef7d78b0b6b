import type { Certificate } from '../certificate/certificate';
import type { Partition } from './frozen-backup';

/** The part of a backup that one drill restores. */
export interface Sample {
  readonly databases: readonly string[];
  /** The UTC days of its files, YYYYMMDD, the last one included; absent if all days are taken. */
  readonly firstDay?: string;
  readonly lastDay?: string;
}

/** A database that is larger than the target by more than this is divided by days. */
const oneMax = 1.2;

/**
 * Chooses about `percent` of a backup, by databases and days. The database and policy that no drill has touched for the longest time is always in it, so
 * that successive drills touch all. Small databases are taken whole, several together; of a larger one, the days around the one
 * that was left out for the longest time. A day is the smallest part.
 *
 * @param drills the certificates of earlier drills
 */
export function chooseSample(
  partitions: readonly Partition[],
  percent: number,
  drills: readonly Certificate[],
): Sample {
  const history = new History(drills);
  const byAge = partitions.toSorted(
    (a, b) => compare(history.ageOf(a), history.ageOf(b)) || compare(nameOf(a), nameOf(b)),
  );
  const sizes = new Map<string, number>();
  for (const { database, bytes } of partitions) sizes.set(database, (sizes.get(database) ?? 0) + bytes);
  const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  const target = (total * percent) / 100;
  const [anchor] = byAge;
  if (anchor === undefined) return { databases: [] };
  const { database } = anchor;
  const first = sizes.get(database) ?? 0;
  if (first > oneMax * target) return { databases: [database], ...daysOf(anchor, partitions, target, history) };
  const databases = [database];
  let sum = first;
  for (const other of new Set(byAge.map((partition) => partition.database))) {
    const bytes = sizes.get(other) ?? 0;
    if (other === database || !isNearer(sum, bytes, target)) continue;
    databases.push(other);
    sum += bytes;
  }
  return { databases: databases.sort(compare) };
}

/** Returns whether more bytes come nearer to the target. */
function isNearer(sum: number, more: number, target: number): boolean {
  return sum + more / 2 < target;
}

/** Returns the days of the anchor's database around the day of the anchor that was left out for the longest time. */
function daysOf(anchor: Partition, partitions: readonly Partition[], target: number, history: History) {
  const { database } = anchor;
  const sizes = new Map<string, number>();
  for (const partition of partitions.filter((one) => one.database === database)) {
    for (const [day, bytes] of partition.days) sizes.set(day, (sizes.get(day) ?? 0) + bytes);
  }
  const days = [...sizes.keys()].sort();
  const ageOf = (day: string | undefined) => (day === undefined ? undefined : history.ageOfDay(database, day));
  const newestFirst = [...anchor.days.keys()].sort().reverse();
  const start = newestFirst.toSorted((a, b) => compare(ageOf(a) ?? '', ageOf(b) ?? ''))[0] ?? '';
  let low = days.indexOf(start);
  let high = low;
  let sum = sizes.get(start) ?? 0;
  for (;;) {
    const [before, after] = [days[low - 1], days[high + 1]];
    const [older, newer] = [ageOf(before), ageOf(after)];
    const isBefore = newer === undefined || (older !== undefined && older <= newer);
    const next = isBefore ? before : after;
    const bytes = next === undefined ? Number.POSITIVE_INFINITY : (sizes.get(next) ?? 0);
    if (!isNearer(sum, bytes, target)) return { firstDay: days[low] ?? start, lastDay: days[high] ?? start };
    sum += bytes;
    if (isBefore) low -= 1;
    else high += 1;
  }
}

/** When each part of a backup was drilled last: the time of the drill as text, or the empty text for never. */
class History {
  readonly #partitions = new Map<string, string>();
  /** What drills have taken of each database, the newest drill first. */
  readonly #windows = new Map<
    string,
    { readonly began: string; readonly firstDay: string; readonly lastDay: string }[]
  >();

  constructor(drills: readonly Certificate[]) {
    const judged = drills.filter(({ verified }) => verified !== null);
    for (const { began, restored } of judged.toSorted((a, b) => compare(b.began, a.began))) {
      const { firstDay, lastDay } = restored.sample ?? { firstDay: null, lastDay: null };
      const window = { began, firstDay: firstDay ?? '', lastDay: lastDay ?? '99999999' };
      for (const partition of restored.partitions) {
        const name = nameOf(partition);
        if (!this.#partitions.has(name)) this.#partitions.set(name, began);
      }
      for (const database of new Set(restored.partitions.map((partition) => partition.database))) {
        const known = this.#windows.get(database);
        if (known === undefined) this.#windows.set(database, [window]);
        else known.push(window);
      }
    }
  }

  ageOf(partition: Pick<Partition, 'database' | 'retentionPolicy'>): string {
    return this.#partitions.get(nameOf(partition)) ?? '';
  }

  ageOfDay(database: string, day: string): string {
    const windows = this.#windows.get(database) ?? [];
    return windows.find(({ firstDay, lastDay }) => day >= firstDay && day <= lastDay)?.began ?? '';
  }
}

function nameOf({ database, retentionPolicy }: Pick<Partition, 'database' | 'retentionPolicy'>): string {
  return JSON.stringify([database, retentionPolicy]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
