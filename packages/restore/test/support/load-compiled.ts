import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findInfluxBinaries, type Influxd, query } from '@ceres/testkit';
import { openSnapshotService, type StoredShard, valueAt } from '@ceres/tsm';

const run = promisify(execFile);

/** Loads a folder by InfluxDB's own tool, and resolves once each shard that it names answers queries. */
export async function loadCompiled(
  { rpcPort, url }: Influxd,
  folder: string,
  databases: readonly string[],
): Promise<string> {
  const { influxd } = await findInfluxBinaries();
  const { stdout, stderr } = await run(influxd, ['restore', '-portable', '-host', `127.0.0.1:${rpcPort}`, folder]);
  for (const database of databases) await answering(url, database);
  return stdout + stderr;
}

/** InfluxDB 1.6 loads shards after its tool has ended; until then it answers that they are disabled, or its query panics. */
async function answering(url: string, database: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await query(url, database, 'SELECT COUNT(*) FROM /.*/');
      return;
    } catch (error) {
      if (attempt === 300 || !/shard is disabled|engine is closed|panic:/.test(String(error))) throw error;
      await delay(100);
    }
  }
}

/**
 * Returns every value that a server stores of a database, with its type, as its snapshot service gives it: queries hide values of a field
 * that has several types.
 */
export async function storedContent({ rpcPort }: Influxd, database: string): Promise<string[]> {
  const { shards } = await openSnapshotService(`tcp://127.0.0.1:${rpcPort}`);
  const content: string[] = [];
  for (const shard of shards.filter((one) => one.database === database)) content.push(...(await valuesOf(shard)));
  return content.sort();
}

/** Returns the first entries that only one of two sorted lists has: a test that compares long lists as a whole takes minutes to say so. */
export function differences(expected: readonly string[], found: readonly string[]): string[] {
  const [one, other] = [new Set(expected), new Set(found)];
  const lost = expected.filter((entry) => !other.has(entry)).map((entry) => `lost: ${entry.slice(0, 200)}`);
  const strange = found.filter((entry) => !one.has(entry)).map((entry) => `strange: ${entry.slice(0, 200)}`);
  return [...lost.slice(0, 5), ...strange.slice(0, 5)];
}

async function valuesOf(stored: StoredShard): Promise<string[]> {
  const values: string[] = [];
  const shard = await stored.open();
  try {
    for await (const { seriesKey, field, column } of shard.columns()) {
      const name = [stored.retentionPolicy, text(seriesKey), text(field), column.type].join(' ');
      for (let i = 0; i < column.length; i += 1) {
        const value = valueAt(column, i);
        const shown = typeof value === 'object' ? text(value) : Object.is(value, -0) ? '-0' : String(value);
        values.push(`${name} ${column.times[i]} ${shown}`);
      }
    }
    return values;
  } finally {
    await shard.close();
  }
}

/** One character for each byte. */
function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
