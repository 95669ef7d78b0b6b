import type { PointVisitor, RawValue } from '@ceres/influx-http/internal';
import { type BatchField, valueAt } from '@ceres/tsm';
import { askedService, groupsOf } from '../../server/snapshot/one-server';
import type { ComparedPolicy } from '../compared-policies';
import type { MeasurementKey } from '../digest/columns';
import { cutSeriesKey } from '../digest/series-key';
import { againHint, type StoredDatabases } from './open-stored';

export interface StoredRange {
  readonly measurement: MeasurementKey;
  /** The first time after the points, ns. */
  readonly until: bigint;
  readonly visit: PointVisitor;
}

/** Passes the points of a measurement on that lie in the shards of a policy, from its beginning. */
export async function visitStoredPoints(
  { meta, shards }: StoredDatabases,
  { database, name, from }: ComparedPolicy,
  { measurement, until, visit }: StoredRange,
): Promise<void> {
  const spans = new Map(groupsOf(meta).map(({ id, group }) => [id, group]));
  for (const stored of shards) {
    if (stored.database !== database || stored.retentionPolicy !== name) continue;
    const span = spans.get(stored.id);
    if (span !== undefined && (span.startNs >= until || (from !== undefined && span.endNs <= from))) continue;
    const isOver = await askedService(async () => {
      const shard = await stored.open();
      try {
        for await (const batch of shard.points({ ...(from !== undefined && { from }), to: until - 1n })) {
          const series = cutSeriesKey(batch.seriesKey);
          if (series.measurement !== measurement.name) continue;
          for (let i = 0; i < batch.length; i += 1) {
            const point = { tags: series.tags, time: batch.times[i] as bigint, fields: fieldsAt(batch.fields, i) };
            if (visit(point) === false) return true;
          }
        }
        return false;
      } finally {
        await shard.close();
      }
    }, againHint);
    if (isOver) return;
  }
}

function fieldsAt(fields: readonly BatchField[], i: number): ReadonlyMap<string, RawValue> {
  const found = new Map<string, RawValue>();
  for (const { name, column, rows } of fields) {
    const row = rows[i] as number;
    if (row < 0) continue;
    const value = valueAt(column, row);
    const text = Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1');
    found.set(text, value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value);
  }
  return found;
}
