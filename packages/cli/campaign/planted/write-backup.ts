import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupSink, createTee, LocalStorage, type ObjectWriter } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import type { Point } from '@ceres/lineproto';
import { type Clock, StorageError } from '@ceres/storage';
import { query } from '@ceres/testkit';

export const instance = 'influxdb-0';
export const measurements = ['cpu', 'mem'];

/** A backup of two databases, and the server that holds the same points. */
export interface Ground {
  readonly url: string;
  /** The folder of the backup. */
  readonly root: string;
  readonly folder: string;
  readonly databases: readonly string[];
  readonly policies: readonly string[];
  readonly random: () => number;
}

const dayMs = 86_400_000;
const sessions = 3;

/** Creates databases and policies that keep everything. */
export async function createDatabases({ url, databases, policies }: Ground): Promise<void> {
  for (const database of databases) {
    await query(url, '', `CREATE DATABASE ${database}`);
    for (const policy of policies) {
      await query(url, '', `CREATE RETENTION POLICY ${policy} ON ${database} DURATION INF REPLICATION 1`);
    }
  }
}

/**
 * Writes through the tees of two sinks that are closed and opened again over three simulated days, whose clocks step, and whose uploads
 * are late at times. All of it reaches the bucket in the end.
 */
export async function writeBackup(ground: Ground): Promise<void> {
  const { root, folder, random } = ground;
  const startMs = Date.now() - (sessions + 1) * dayMs;
  for (let session = 0; session < sessions; session += 1) {
    for (const name of ['a', 'b']) {
      // A clock that is up to an hour wrong, and differently so after each restart.
      const offsetMs = startMs + session * dayMs - Date.now() + Math.floor((random() - 0.5) * 7_200_000);
      const isLast = session === sessions - 1;
      const isLate = !isLast && random() < 0.4;
      const storage = isLate ? away() : new LocalStorage(root);
      const sink = await BackupSink.open({
        storage,
        spoolDir: join(folder, `spool-${name}`),
        precision: 's',
        segmentBytesMax: 4_096,
        heartbeatMs: 600_000,
        clock: shifted(offsetMs),
      });
      await write(ground, sink, name, Date.now() + offsetMs);
      if (isLate) await sink.close({ timeoutMs: 0 });
      else await sink.flush().then(() => sink.close());
    }
  }
  for (const name of ['a', 'b']) await rm(join(folder, `spool-${name}`), { recursive: true });
}

async function write({ url, databases, policies, random }: Ground, sink: BackupSink, host: string, nowMs: number) {
  const influx = new InfluxWriter({ url });
  const tee = createTee(influx, sink, { instance });
  const nowS = Math.floor(nowMs / 1000);
  for (const database of databases) {
    for (const retentionPolicy of policies) {
      for (let batch = 0; batch < 2; batch += 1) {
        const points = Array.from(
          { length: 20 },
          (_, n): Point => ({
            measurement: measurements[n % measurements.length] as string,
            tags: { host },
            fields: { value: Math.floor(random() * 1e6), text: `${random()}`.repeat(3) },
            timestamp: BigInt(nowS + batch * 20 + n),
          }),
        );
        await tee.write({ database, retentionPolicy }, points);
      }
    }
  }
  await influx.close();
}

/** A storage that nothing reaches: what is written stays in the spool until the next session. */
function away(): ObjectWriter {
  return {
    put: async (key) => {
      throw new StorageError('UNAVAILABLE', 'The bucket is away.', { key });
    },
  };
}

function shifted(offsetMs: number): Clock {
  return {
    now: () => Date.now() + offsetMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        signal?.addEventListener(
          'abort',
          () => {
            clearTimeout(timer);
            reject(signal.reason);
          },
          { once: true },
        );
      }),
  };
}
