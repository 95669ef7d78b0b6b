import type { CompiledMeasurement, CompiledShard } from '../compile/compiled-shard';
import { quoted, type ServerConnection } from '../server/connection';
import { sourceOf, unreadable } from '../verify/sides/measurement-names';

/** The first time that InfluxQL can say. */
const FIRST_NS = -(2n ** 63n) + 2n;

/**
 * Returns what the server lacks of a shard that was loaded, as a text; `undefined` if it counts at least as many values of each field. It
 * may have more, since others may write. Measurements that no query can read are not counted.
 *
 * @throws RestoreError `SERVER_…`
 */
export async function lacksOf(shard: CompiledShard, connection: ServerConnection): Promise<string | undefined> {
  // Over all measurements at once, a field has one type in the answer: those of another type seem to have no values.
  const suspects = await lacking(shard, shard.measurements, './.*/', connection);
  if (suspects.length === 0) return undefined;
  const cannotBeRead = unreadable(new Set(shard.measurements.map(({ name }) => latin1(name))));
  for (const { measurement } of suspects) {
    if (cannotBeRead.has(latin1(measurement.name))) continue;
    const from = `.${sourceOf(latin1(measurement.name))}`;
    const [lack] = await lacking(shard, [measurement], from, connection);
    if (lack !== undefined) return lack.what;
  }
  return undefined;
}

interface Lack {
  readonly measurement: CompiledMeasurement;
  readonly what: string;
}

async function lacking(
  { database, retentionPolicy, startNs, endNs }: CompiledShard,
  measurements: readonly CompiledMeasurement[],
  from: string,
  connection: ServerConnection,
): Promise<readonly Lack[]> {
  const first = startNs < FIRST_NS ? FIRST_NS : startNs;
  const where = `time >= ${first} AND time <= ${endNs - 1n}`;
  const query = `SELECT COUNT(*::field) FROM ${quoted(retentionPolicy)}${from} WHERE ${where}`;
  const counts = await connection.counts(database, query);
  return measurements.flatMap((measurement) => {
    const counted = counts.get(latin1(measurement.name));
    const field = measurement.fields.find(({ name, values }) => (counted?.get(latin1(name)) ?? 0) < values);
    if (field === undefined) return [];
    const name = `${Buffer.from(measurement.name)}.${Buffer.from(field.name)}`;
    return [{ measurement, what: `${counted?.get(latin1(field.name)) ?? 0} of ${field.values} values of ${name}` }];
  });
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
