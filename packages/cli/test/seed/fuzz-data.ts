import { InfluxWriter } from '@ceres/influx-http';
import { type Influxd, query, randomFrom, writeRaw } from '@ceres/testkit';
import { filesOf } from '../../../restore/campaign/fuzz-native/lines';
import { randomFields } from '../../../tsm/campaign/fuzz/random-fields';
import { linesOf, windows } from '../../../tsm/campaign/fuzz/server-lines';

/** The database that is filled with lines that hardly are lines. */
export const hostile = 'hostile';
const points = 4_000;
const hostileLines = 800;

/** Fills two databases with what the fuzz campaigns write: columns of every type and shape, of which a field has another type in the other shard, and generated and hostile lines, of which the server takes some. */
export async function fillWithFuzz(server: Influxd, seed: number): Promise<void> {
  await query(server.url, '', 'CREATE DATABASE fuzz WITH DURATION INF SHARD DURATION 7d');
  const random = randomFrom(seed);
  for (const window of windows) {
    const fields = randomFields(random, points / windows.length, window, 'a server');
    for (const lines of linesOf(fields)) {
      const { status, body } = await writeRaw(server.url, 'fuzz', lines, { precision: 'ns' });
      if (status !== 204) throw new Error(`InfluxDB answered ${status}: ${body}`);
    }
  }
  await query(server.url, '', `CREATE DATABASE ${hostile} WITH DURATION INF SHARD DURATION 10000w NAME long`);
  // The times of hostile lines are all over the range: shards of a week would be hundreds.
  const writer = new InfluxWriter({ url: server.url });
  for (const { lines, retentionPolicy } of await filesOf(hostile, hostileLines, seed)) {
    if (retentionPolicy !== 'long') continue;
    // Each line by itself: one that is no line takes those behind it along.
    for (const line of Buffer.from(lines).toString('latin1').split('\n')) {
      const bytes = Buffer.from(line, 'latin1');
      if (bytes.length > 0) await writer.write(bytes, { database: hostile, precision: 'ns' });
    }
  }
  await writer.close();
}
