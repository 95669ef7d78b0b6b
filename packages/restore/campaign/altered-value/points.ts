import type { ObjectWriter } from '@ceres/storage';
import { putFiles } from '../../test/support/backup';

export const database = 'db';
export const measurement = 'm';

/** A point whose value `v` is known. */
export interface KnownPoint {
  readonly series: string;
  readonly timeS: number;
  readonly value: number;
}

const seriesCount = 1_000;
const startMs = Date.UTC(2024, 0, 10);
const pointsPerFile = 250_000;

/**
 * Writes a backup of `points` points with two fields each, 10 s apart in each series.
 *
 * @returns one of the points, chosen at random
 */
export async function writePoints(
  storage: ObjectWriter,
  { points, random }: { readonly points: number; readonly random: () => number },
): Promise<KnownPoint> {
  const chosen = Math.floor(random() * points);
  let known: KnownPoint | undefined;
  for (let first = 0; first < points; first += pointsPerFile) {
    const lines: string[] = [];
    for (let i = first; i < Math.min(points, first + pointsPerFile); i += 1) {
      const series = `${measurement},host=h${i % seriesCount},zone=z`;
      const timeS = startMs / 1000 + Math.floor(i / seriesCount) * 10;
      const value = 0.1 + random() * 100;
      lines.push(`${series} v=${value},n=${i}i ${timeS}\n`);
      if (i === chosen) known = { series, timeS, value };
    }
    const openedMs = startMs + (first / pointsPerFile) * 60_000;
    await putFiles(storage, [{ database, openedMs, lines: lines.join('') }]);
  }
  if (known === undefined) throw new RangeError(`Expected \`points\` to be at least 1, got ${points}.`);
  return known;
}
