import { createHash } from 'node:crypto';
import { openDataDirectory, openSnapshotService, type ShardContainer, valueAt } from '@ceres/tsm';

/** Reads every value of a database, by policy, series, field and time; sorted. A value of another type is another text. */
export async function contentOf(container: ShardContainer, database: string): Promise<readonly string[]> {
  const content: string[] = [];
  for (const stored of container.shards) {
    if (stored.database !== database) continue;
    const shard = await stored.open();
    for await (const { seriesKey, field, column } of shard.columns()) {
      const key = `${stored.retentionPolicy} ${Buffer.from(seriesKey).toString('latin1')} ${Buffer.from(field).toString('latin1')}`;
      for (let i = 0; i < column.length; i += 1) {
        const value = valueAt(column, i);
        const text =
          value instanceof Uint8Array
            ? Buffer.from(value).toString('latin1')
            : Object.is(value, -0)
              ? '-0'
              : String(value);
        content.push(`${key} ${column.times[i]} ${column.type} ${text}`);
      }
    }
    await shard.close();
  }
  return content.sort();
}

/** Reads every value of a database of a running server. */
export async function serverContent(rpcPort: number, database: string): Promise<readonly string[]> {
  return await contentOf(
    await openSnapshotService(`tcp://127.0.0.1:${rpcPort}`, { memoryBytesMax: 2 ** 30 }),
    database,
  );
}

/** Reads every value of a database from the files of its server, WAL included. */
export async function directoryContent(dataDir: string, database: string): Promise<readonly string[]> {
  return await contentOf(await openDataDirectory(dataDir), database);
}

/** Returns a short text that differs if the content does. */
export function digestOf(content: readonly string[]): string {
  const hash = createHash('sha256');
  for (const line of content) hash.update(`${line}\n`);
  return hash.digest('hex');
}
