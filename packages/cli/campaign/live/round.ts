import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BackupSink, createTee, LocalStorage } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { planRestore, restore, verify } from '@ceres/restore';
import { type Influxd, query } from '@ceres/testkit';
import { startLoad } from './load';

/** What a round has shown. */
export interface LiveFigures {
  /** The values that are not the last ones that were acknowledged. */
  readonly stale: number;
  readonly unequal: number;
  /** The values that the restore wrote back at its end. */
  readonly healed: number;
  readonly writes: number;
  readonly retried: number;
  readonly latenciesMs: readonly number[];
}

export interface LiveRound {
  readonly server: Influxd;
  readonly random: () => number;
  readonly database: string;
  readonly isNative: boolean;
}

interface Fields {
  readonly v: number;
  readonly w: number;
}

const instance = 'influxdb-0';
const startS = 1_700_000_000;
/** The points lie in several shards of a week. */
const stepS = 600;
const pointsMax = 4_000;
/** The points that the load writes again: some of each shard. */
const livelyPart = 50;
/** The points of the service whose file arrives late. The main service has written half of them again since. */
const lateMax = 200;
const linesPerSecond = 6_000;

/** Loses a database, restores it beside a load, and compares it with what was acknowledged last. */
export async function liveRound({ server, random, database, isNative }: LiveRound): Promise<LiveFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-live-'));
  const storage = new LocalStorage(join(folder, 'bucket'));
  const influx = new InfluxWriter({ url: server.url });
  const last = new Map<number, Fields>();
  const service = async (name: string) => {
    const sink = await BackupSink.open({ storage, spoolDir: join(folder, name), precision: 's', heartbeatMs: 100 });
    const tee = createTee(influx, sink, { instance });
    const write = async (some: ReadonlyMap<number, Fields>) => {
      const points = [...some].map(([n, fields]) => {
        return {
          measurement: `m${n % 3}`,
          tags: { t: `t${n % 7}` },
          fields: { ...fields },
          timestamp: BigInt(startS + stepS * n),
        };
      });
      await tee.write({ database }, points);
      for (const [n, fields] of some) last.set(n, fields);
    };
    return { sink, write };
  };
  const late = await service('late');
  const main = await service('main');
  const range = (count: number, of: (n: number) => Fields) =>
    new Map(Array.from({ length: count }, (_, n) => [n, of(n)] as const));
  try {
    await query(server.url, '', `CREATE DATABASE ${database}`);
    await late.write(range(lateMax, (n) => ({ v: -1, w: n })));
    await pause(5); // the file of the late service has the older name
    const base = [...range(pointsMax, (n) => ({ v: n, w: n }))].filter(([n]) => n >= lateMax || n % 2 === 0);
    await main.write(new Map(base));
    await main.sink.flush();
    await query(server.url, '', `DROP DATABASE ${database}`);
    await query(server.url, '', `CREATE DATABASE ${database}`);
    const write = async (v: number) => {
      const n = Math.floor(random() * (pointsMax / livelyPart)) * livelyPart;
      await main.write(new Map([[n, { v, w: last.get(n)?.w ?? n }]]));
    };
    const load = startLoad(
      write,
      () => main.sink.flush(),
      () => 100 + 300 * random(),
    );
    await pause(100 * random());
    const arriving = pause(400 * random()).then(() => late.sink.flush());
    const plan = await planRestore({ storage, instance });
    const report = await restore(plan, {
      to: { url: server.url },
      journalFile: join(folder, 'journal'),
      rejectsDir: join(folder, 'rejects'),
      scratchDir: folder,
      live: true,
      waitMs: 60_000,
      ...(isNative ? { native: { url: `tcp://127.0.0.1:${server.rpcPort}` } } : { rateLinesPerSecond: linesPerSecond }),
    });
    await arriving;
    await pause(100);
    await load.stop();
    for (const { sink } of [main, late]) await sink.close();
    const verdict = await verify({ storage, instance, to: { url: server.url }, level: 'content' });
    const stale = await staleIn(server, database, last);
    if (!verdict.equal || stale > 0 || report.live === undefined) {
      console.log(
        `FAILED: ${database}: ${verdict.outcome}, ${stale} stale, at the end ${JSON.stringify(report.live?.left)}`,
      );
    }
    return {
      stale,
      unequal: verdict.equal && report.live !== undefined ? 0 : 1,
      healed: report.live?.values ?? 0,
      writes: load.latenciesMs.length,
      retried: load.retried,
      latenciesMs: load.latenciesMs,
    };
  } finally {
    for (const { sink } of [main, late]) await sink.close();
    await influx.close();
    await query(server.url, '', `DROP DATABASE ${database}`);
    await rm(folder, { recursive: true });
  }
}

/** Counts the values that the database lacks, or has otherwise than they were acknowledged last. */
async function staleIn(server: Influxd, database: string, last: ReadonlyMap<number, Fields>): Promise<number> {
  const found = new Map<number, Fields>();
  for (const { values } of await query(server.url, database, 'SELECT v, w FROM /^m[0-9]$/ GROUP BY t')) {
    for (const [time, v, w] of values) {
      found.set((Date.parse(String(time)) / 1_000 - startS) / stepS, { v: Number(v), w: Number(w) });
    }
  }
  return [...last].reduce((sum, [n, { v, w }]) => {
    const own = found.get(n);
    return sum + (own?.v === v ? 0 : 1) + (own?.w === w ? 0 : 1);
  }, 0);
}
