import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BackupSink, createTee } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { planRestore, type RestoreOptions, type RestoreReport, restore, verify } from '@ceres/restore';
import type { ObjectReader } from '@ceres/storage';
import { query } from '@ceres/testkit';
import { onTestFinished } from 'vitest';
import { knownSinks, startTeedServer } from './teed-server';

/** The server that is restored. */
export const instance = 'influxdb-0';
const startS = 1_700_000_000;
/** A sink that is quiet says so after twelve times as long. */
const heartbeatMs = 20;

const pointAt = (n: number, fields: Readonly<Record<string, number>>) => {
  return { measurement: 'm', tags: { t: 'a' }, fields, timestamp: BigInt(startS + 60 * n) };
};

/** Writes 100 points through a tee whose sink goes on, stores them, and loses the database. */
export async function liveGround({ databases = ['db'] } = {}) {
  const { folder, server, bucket, storage, sink, tee } = await startTeedServer(instance, { heartbeatMs });
  const write = async (n: number, v: number, database = 'db') => {
    await tee.write({ database }, [pointAt(n, { v, w: n })]);
  };
  const lose = async (database: string) => {
    await query(server.url, '', `DROP DATABASE ${database}`);
    await query(server.url, '', `CREATE DATABASE ${database}`);
  };
  for (const database of databases) {
    await query(server.url, '', `CREATE DATABASE ${database}`);
    await tee.write(
      { database },
      Array.from({ length: 100 }, (_, n) => pointAt(n, { v: n, w: n })),
    );
  }
  await sink.flush();
  await knownSinks(storage, 1);
  /** Begins a second service, whose files are stored when it says so. */
  const another = async () => {
    const spoolDir = join(folder, 'another');
    const other = await BackupSink.open({ storage, spoolDir, precision: 's', heartbeatMs });
    const influx = new InfluxWriter({ url: server.url });
    onTestFinished(async () => {
      await other.close();
      await influx.close();
    });
    const ownTee = createTee(influx, other, { instance });
    const writeOthers = async (database: string, values: readonly number[]) => {
      await ownTee.write(
        { database },
        values.map((n) => pointAt(n, { v: -n })),
      );
    };
    return { sink: other, write: writeOthers };
  };
  const valueAt = async (n: number, database = 'db') => {
    const [series] = await query(server.url, database, `SELECT v FROM m WHERE time = ${startS + 60 * n}s`);
    return series?.values[0]?.[1];
  };
  const journalFile = join(folder, 'journal');
  /** @param whileItReads called once, when the restore has begun and reads its first file */
  const run = async (
    more: Partial<RestoreOptions> = {},
    whileItReads?: () => Promise<unknown>,
  ): Promise<RestoreReport> => {
    const options = { to: { url: server.url }, journalFile, rejectsDir: join(folder, 'rejects'), scratchDir: folder };
    let isDone = whileItReads === undefined;
    const watched: ObjectReader = {
      list: (prefix, listing) => storage.list(prefix, listing),
      get: async function* (key, range) {
        if (isBegun && !isDone && key.startsWith(instance)) {
          isDone = true;
          await whileItReads?.();
        }
        yield* storage.get(key, range);
      },
    };
    let isBegun = false;
    const plan = await planRestore({ storage: watched, instance });
    isBegun = true;
    return await restore(plan, { ...options, live: true, waitMs: 30_000, ...more });
  };
  const native = { url: `tcp://127.0.0.1:${server.rpcPort}` };
  const journal = async (): Promise<Record<string, unknown>[]> =>
    (await readFile(journalFile, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const isEqual = async () => (await verify({ storage, instance, to: { url: server.url }, level: 'content' })).equal;
  return { folder, server, bucket, storage, sink, write, lose, another, valueAt, run, native, journal, isEqual };
}
