import { float, integer, LineEncoder, type Point } from '@ceres/lineproto';
import { type Influxd, writeRaw } from '@ceres/testkit';
import { type ColumnBuffer, valueAt } from '@ceres/tsm';
import type { FuzzField, TimeWindow } from './random-fields';

const WEEK_NS = 604_800_000_000_000n;
/** One shard in the middle, and the last one there is, up to the last time. */
export const windows: readonly TimeWindow[] = [
  { first: 1_767_571_200_000_000_000n, last: 1_767_571_200_000_000_000n + WEEK_NS - 1n },
  { first: 9_222_940_800_000_000_000n, last: 2n ** 63n - 2n },
];
const BATCH_POINTS = 5_000;

/** Encodes fields as lines, in batches. */
export function* linesOf(fields: readonly FuzzField[]): Generator<Uint8Array> {
  const encoder = new LineEncoder({ precision: 'ns' });
  for (const { measurement, tags, field, column } of fields) {
    for (let from = 0; from < column.length; from += BATCH_POINTS) {
      const points: Point[] = [];
      for (let i = from; i < Math.min(from + BATCH_POINTS, column.length); i += 1) {
        points.push({
          measurement,
          tags,
          fields: { [field]: fieldValue(column, i) },
          timestamp: column.times[i] as bigint,
        });
      }
      yield encoder.encode(points);
    }
  }
}

function fieldValue(column: ColumnBuffer, i: number): Point['fields'][string] {
  const value = valueAt(column, i);
  if (typeof value === 'number') return float(value);
  if (typeof value === 'bigint') return integer(value);
  return typeof value === 'boolean' ? value : Buffer.from(value).toString('utf8');
}

/** Writes lines, which the server must take. */
export async function write(server: Influxd, database: string, lines: string | Uint8Array): Promise<void> {
  const { status, body } = await writeRaw(server.url, database, lines, { precision: 'ns' });
  if (status !== 204) throw new Error(`InfluxDB answered ${status}: ${body}`);
}
