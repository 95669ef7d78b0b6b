import type { Influxd } from '@ceres/testkit';
import { openSnapshotService, valueAt } from '@ceres/tsm';

/** Returns the option for the snapshot service of a server. */
export function nativeOf(server: Influxd): { readonly url: string } {
  return { url: `tcp://127.0.0.1:${server.rpcPort}` };
}

/** Reads all that a server holds: by database, policy, series, field and time, the type and the value. */
export async function contentOf(server: Influxd): Promise<ReadonlyMap<string, string>> {
  const content = new Map<string, string>();
  for (const stored of (await openSnapshotService(nativeOf(server).url)).shards) {
    const { database, retentionPolicy } = stored;
    const shard = await stored.open();
    for await (const { seriesKey, field, column } of shard.columns()) {
      const key = `${database}.${retentionPolicy} ${Buffer.from(seriesKey)} ${Buffer.from(field)}`;
      for (let i = 0; i < column.length; i += 1) {
        const value = valueAt(column, i);
        const text =
          value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : Object.is(value, -0) ? '-0' : value;
        content.set(`${key} ${column.times[i]}`, `${column.type} ${text}`);
      }
    }
    await shard.close();
  }
  return content;
}
