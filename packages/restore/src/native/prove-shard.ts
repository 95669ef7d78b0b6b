import type { CompiledShard } from '../compile/compiled-shard';
import { quoted, type ServerConnection } from '../server/connection';

/**
 * Returns what the server lacks of a shard that was loaded, as a text; `undefined` if it counts at least as many values of each field. It
 * may have more, since others may write.
 *
 * @throws RestoreError `SERVER_…`
 */
export async function lacksOf(shard: CompiledShard, connection: ServerConnection): Promise<string | undefined> {
  const { database, retentionPolicy, startNs, endNs, measurements } = shard;
  const first = startNs < FIRST_NS ? FIRST_NS : startNs;
  // Over all measurements at once: InfluxDB finds no measurement whose name is not UTF-8 by its name.
  const from = `${quoted(retentionPolicy)}./.*/`;
  const where = `time >= ${first} AND time <= ${endNs - 1n}`;
  const counts = await connection.counts(database, `SELECT COUNT(*::field) FROM ${from} WHERE ${where}`);
  for (const { name, fields } of measurements) {
    const counted = counts.get(Buffer.from(name).toString('latin1'));
    for (const field of fields) {
      const found = counted?.get(Buffer.from(field.name).toString('latin1')) ?? 0;
      if (found >= field.values) continue;
      const names = `${Buffer.from(name).toString('utf8')}.${Buffer.from(field.name).toString('utf8')}`;
      return `${found} of ${field.values} values of ${names}`;
    }
  }
  return undefined;
}

/** The first time that InfluxQL can say. */
const FIRST_NS = -(2n ** 63n) + 2n;
