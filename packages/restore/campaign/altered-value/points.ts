import type { ObjectWriter } from '@ceres/storage';
import { putFile } from '../backup-file';

export const database = 'db';
export const measurement = 'm';

export interface KnownPoint {
  readonly series: string;
  readonly timeS: number;
  readonly value: number;
}

const seriesCount = 1_000;
const startMs = Date.UTC(2024, 0, 10);
const pointsPerFile = 250_000;

/** So many points of two fields, 10 s apart in each series, in files of their order. @returns one of them */
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
    await putFile(storage, { instance: 'src', database, openedMs, lines: lines.join('') });
  }
  if (known === undefined) throw new RangeError('no points');
  return known;
}
