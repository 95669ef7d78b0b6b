import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BackupSink, createTee, LocalStorage } from '@ceres/backup-sink';
import { InfluxWriter } from '@ceres/influx-http';
import { heal, verify } from '@ceres/restore';
import { type Influxd, query, startWriteProxy, writeRaw } from '@ceres/testkit';

/** What a round has shown, in numbers that are summed up. */
export interface HealFigures {
  /** The points that were damaged, and those that were written. */
  damaged: number;
  rewritten: number;
  /** The points that were written and not damaged. */
  touched: number;
  /** The newer values that the heal replaced. */
  replaced: number;
  overwrites: number;
  unequal: number;
}

export interface HealRound {
  readonly server: Influxd;
  readonly random: () => number;
  readonly database: string;
  readonly round: number;
}

const startS = 1_700_000_000;
const instance = 'influxdb-0';
/** Points that stay, and points that the service writes again and again. */
const steady = 2_000;
const lively = 40;
const flushMs = 300;

export async function healRound({ server, random, database, round }: HealRound): Promise<HealFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'ceres-heal-'));
  const storage = new LocalStorage(join(folder, 'bucket'));
  const sink = await BackupSink.open({ storage, spoolDir: join(folder, 'spool'), precision: 's', heartbeatMs: 100 });
  const influx = new InfluxWriter({ url: server.url });
  const recorder = await startWriteProxy(server.url);
  const tee = createTee(influx, sink, { instance });
  const pointOf = (n: number, v: number) => {
    const timestamp = BigInt(startS + 10 * n);
    return { measurement: 'm', tags: { t: `t${n % 7}` }, fields: { v, w: n }, timestamp };
  };
  try {
    await query(server.url, '', `CREATE DATABASE ${database}`);
    const all = Array.from({ length: steady + lively }, (_, n) => pointOf(n, n));
    await tee.write({ database }, all);
    await sink.flush();
    const damaged = await damage({ server, database, random });
    const live = startLive(async (n, v) => await tee.write({ database }, [pointOf(steady + n, v)]), sink, random);
    await pause(50 + 200 * random());
    const report = await heal({
      storage,
      instance,
      to: { url: recorder.url },
      ...(round % 2 === 0 && { snapshot: `tcp://127.0.0.1:${server.rpcPort}` }),
      waitMs: 60_000,
    });
    const newest = await live.stop();
    await sink.flush();
    await sink.close();
    const written = new Set(recorder.lines.map((line) => Number(line.split(' ').at(-1)) / 1e9));
    const touched = [...written].filter((second) => !damaged.has((second - startS) / 10)).length;
    const [series] = await query(server.url, database, 'SELECT v FROM m GROUP BY t');
    const verdict = await verify({ storage, instance, to: { url: server.url }, level: 'content' });
    const replaced = await replacedOf(newest, server, database);
    const isEqual = verdict.equal && series !== undefined;
    if (!isEqual || report.left.missing + report.left.different > 0) {
      console.log(`FAILED: ${database}: ${verdict.outcome}, left ${JSON.stringify(report.left)}`);
    }
    return {
      damaged: damaged.size,
      rewritten: recorder.lines.length,
      touched,
      replaced,
      overwrites: live.writes(),
      unequal: isEqual ? 0 : 1,
    };
  } finally {
    await recorder.close();
    await sink.close();
    await influx.close();
    await query(server.url, '', `DROP DATABASE ${database}`);
    await rm(folder, { recursive: true });
  }
}

/** Deletes and alters some of the steady points past the tee. Returns their numbers. */
async function damage({ server, database, random }: Omit<HealRound, 'round'>): Promise<ReadonlySet<number>> {
  const damaged = new Set<number>();
  const count = 1 + Math.floor(random() * 60);
  for (let i = 0; i < count; i += 1) {
    const n = Math.floor(random() * steady);
    if (damaged.has(n)) continue;
    damaged.add(n);
    const second = startS + 10 * n;
    if (random() < 0.5) await query(server.url, database, `DELETE FROM m WHERE time = ${second}s`);
    else {
      const field = random() < 0.5 ? 'v' : 'w';
      await writeRaw(server.url, database, `m,t=t${n % 7} ${field}=${-1 - n} ${second}`, { precision: 's' });
    }
  }
  return damaged;
}

/** Writes the lively points again and again, each time with a value that was never there, and flushes now and then. */
function startLive(write: (n: number, v: number) => Promise<unknown>, sink: BackupSink, random: () => number) {
  const newest = new Map<number, number>();
  let [value, isOver] = [1_000_000, false];
  const writing = (async () => {
    for (; !isOver; value += 1) {
      const n = Math.floor(random() * lively);
      await write(n, value);
      newest.set(n, value);
      await pause(2);
    }
  })();
  const flushing = (async () => {
    while (!isOver) {
      await pause(flushMs);
      await sink.flush();
    }
  })();
  return {
    writes: () => value - 1_000_000,
    stop: async (): Promise<ReadonlyMap<number, number>> => {
      isOver = true;
      await Promise.all([writing, flushing]);
      return newest;
    },
  };
}

/** Counts the lively points that do not have the value that was written last. */
async function replacedOf(newest: ReadonlyMap<number, number>, server: Influxd, database: string): Promise<number> {
  let replaced = 0;
  for (const [n, value] of newest) {
    const where = `time = ${startS + 10 * (steady + n)}s`;
    const [series] = await query(server.url, database, `SELECT v FROM m WHERE ${where}`);
    if (series?.values[0]?.[1] !== value) replaced += 1;
  }
  return replaced;
}
