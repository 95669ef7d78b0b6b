import { characters, literalOf, sourceOf, unreadable } from '@ceres/influx-http/internal';
import type { CompiledMeasurement, CompiledShard } from '../../compile/compiled-shard';
import { quoted, type ServerConnection } from '../../server/connection';

/** The first time that InfluxQL can say. */
const FIRST_NS = -(2n ** 63n) + 2n;

/** A longer list of fields is not put into a query. */
const PATTERN_LENGTH_MAX = 8_000;

/**
 * Returns what the server lacks of a shard that was loaded, as a text; `undefined` if it counts at least as many values. It may have more,
 * since others may write. What no query can read is not counted.
 *
 * InfluxDB reads every value that it counts. So only the fields are counted that are needed to see each series, where these show that
 * the shard's one file is there: at least one of them has more values than the claim of it wrote.
 *
 * @param countsAll counts all fields, since the shard may have held some of its points before
 * @throws RestoreError `SERVER_…`
 */
export async function lacksOf(
  compiled: CompiledShard,
  connection: ServerConnection,
  { countsAll }: { readonly countsAll: boolean },
): Promise<string | undefined> {
  const shard = countsAll || !canTell(compiled) ? compiled : withTellingFields(compiled);
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

function canTell({ files, measurements }: CompiledShard): boolean {
  const isTold = measurements.some(({ fields }) => fields.some(({ isTelling, shown }) => isTelling && shown > 1));
  return files.length === 1 && isTold;
}

function withTellingFields(shard: CompiledShard): CompiledShard {
  const telling = shard.measurements.map((measurement) => {
    return { ...measurement, fields: measurement.fields.filter(({ isTelling }) => isTelling) };
  });
  return { ...shard, measurements: telling };
}

/** Returns what COUNT is given to count these fields, and perhaps others. */
function countedFields(measurements: readonly CompiledMeasurement[]): string {
  const names = new Set(measurements.flatMap(({ fields }) => fields.map(({ name }) => latin1(name))));
  const literals = [...names].map((name) => literalOf(characters(Buffer.from(name, 'latin1'))));
  const pattern = `/^(?:${literals.join('|')})$/`;
  return pattern.length > PATTERN_LENGTH_MAX ? '*::field' : pattern;
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
  const query = `SELECT COUNT(${countedFields(measurements)}) FROM ${quoted(retentionPolicy)}${from} WHERE ${where}`;
  const counts = await connection.counts(database, query);
  return measurements.flatMap((measurement) => {
    const counted = counts.get(latin1(measurement.name));
    const field = measurement.fields.find(({ name, shown }) => (counted?.get(latin1(name)) ?? 0) < shown);
    if (field === undefined) return [];
    const name = `${Buffer.from(measurement.name)}.${Buffer.from(field.name)}`;
    return [{ measurement, what: `${counted?.get(latin1(field.name)) ?? 0} of ${field.shown} values of ${name}` }];
  });
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
