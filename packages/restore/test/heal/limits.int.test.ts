import { query, startWriteProxy, writeRaw } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { heal } from '../../src/heal/heal';
import type { HealOptions } from '../../src/options/heal';
import { verify } from '../../src/verify/verify';
import { backupOf } from '../support/backup';
import { describeOnInfluxd, startMs, startS } from '../support/ground';

const accept = ['no-ledger/src'];

/** A clock whose time passes only while somebody sleeps. */
function sleepersClock(onSleep: () => Promise<void> = async () => undefined) {
  let nowMs = Date.now();
  const sleep = async (ms: number) => {
    nowMs += ms;
    await onSleep();
  };
  return { now: () => nowMs, sleep };
}

describeOnInfluxd('a heal with a rate limit', (ground) => {
  const lineOf = (n: number, v = n) => `m,t=a v=${v} ${startS + n}\n`;

  /** Lacks some of 3,000 points: those of another 10 minutes go into another write. */
  async function prepared(lacking: (n: number) => boolean): Promise<HealOptions> {
    const all = Array.from({ length: 3_000 }, (_, n) => n);
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
    const there = all.flatMap((n) => (lacking(n) ? [] : [lineOf(n)])).join('');
    await writeRaw(ground.influxd.url, ground.database, there, { precision: 's' });
    const lines = all.map((n) => lineOf(n)).join('');
    const storage = await backupOf({ database: ground.database, openedMs: startMs, lines });
    return { storage, instance: 'src', to: { url: ground.influxd.url }, accept };
  }

  it('writes no second with more points than that', async () => {
    const options = await prepared((n) => n < 10 || (n >= 1_000 && n < 1_040) || n >= 2_950);
    const clock = sleepersClock();
    const writes: (readonly [ms: number, lines: number])[] = [];
    const beganMs = clock.now();
    const proxy = await startWriteProxy(ground.influxd.url, ({ body }) => {
      writes.push([clock.now() - beganMs, body.toString().split('\n').length - 1]);
      return undefined;
    });
    onTestFinished(() => proxy.close());
    const report = await heal({ ...options, to: { url: proxy.url }, clock, rateLinesPerSecond: 20 });
    expect(report).toMatchObject({ outcome: 'EQUAL', points: 100 });
    expect(writes).toEqual([
      [0, 10],
      [500, 40],
      [2_500, 50],
    ]);
  });

  it('looks at a value after it has waited for its turn: what came in the wait is not replaced', async () => {
    const options = await prepared((n) => n === 0 || n === 2_000);
    let sleeps = 0;
    const clock = sleepersClock(async () => {
      sleeps += 1;
      if (sleeps === 1) await writeRaw(ground.influxd.url, ground.database, lineOf(2_000, -7), { precision: 's' });
    });
    const proxy = await startWriteProxy(ground.influxd.url);
    onTestFinished(() => proxy.close());
    const report = await heal({ ...options, to: { url: proxy.url }, clock, rateLinesPerSecond: 1 });
    expect(proxy.lines).toEqual([`m,t=a v=0 ${startS}000000000`]);
    expect(report).toMatchObject({ outcome: 'INCOMPLETE', points: 1, skipped: 1, left: { missing: 0, different: 0 } });
    expect(report.notCompared).toMatchObject([
      { retentionPolicy: 'autogen', measurement: 'm', reason: expect.stringMatching(/^1 value changed since/) },
    ]);
    const rows = await ground.rows(`SELECT v FROM m WHERE time = ${startS + 2_000}s`);
    expect(rows.map(([, v]) => v)).toEqual([-7]);
  });
});

describeOnInfluxd('a heal of a policy that does not keep all points of the backup', (ground) => {
  const nowS = Math.floor(Date.now() / 1_000);
  const lineOf = (agoS: number) => `m,t=a v=${agoS} ${nowS - agoS}\n`;
  const days = (n: number) => n * 86_400;

  /** Lacks some points; those older than the policy keeps cannot be there. */
  async function prepared(agos: readonly number[], lacking: readonly number[]): Promise<HealOptions> {
    await query(
      ground.influxd.url,
      '',
      `CREATE DATABASE "${ground.database}" WITH DURATION 2d SHARD DURATION 1h NAME rp`,
    );
    const there = agos.filter((ago) => !lacking.includes(ago)).map(lineOf);
    await writeRaw(ground.influxd.url, ground.database, there.join(''), { precision: 's' });
    const lines = agos.map(lineOf).join('');
    const file = { database: ground.database, retentionPolicy: 'rp', openedMs: startMs, lines };
    return { storage: await backupOf(file), instance: 'src', to: { url: ground.influxd.url }, accept };
  }

  it('sends no point that has expired, and says from when on it compared', async () => {
    const expired = [days(10), days(9), days(3)];
    const kept = Array.from({ length: 30 }, (_, n) => 600 + n);
    const options = await prepared([...expired, ...kept], [...expired, 601]);
    const proxy = await startWriteProxy(ground.influxd.url);
    onTestFinished(() => proxy.close());
    const report = await heal({ ...options, to: { url: proxy.url } });
    expect(proxy.lines).toEqual([`m,t=a v=601 ${nowS - 601}000000000`]);
    expect(report).toMatchObject({
      outcome: 'EQUAL',
      points: 1,
      refused: 0,
      preview: { missing: 1, compared: kept.length },
      left: { missing: 0 },
    });
    const fromS = Number((report.comparedFrom ?? 0n) / 1_000_000_000n);
    expect(fromS).toBeGreaterThan(nowS - days(2));
    expect(fromS).toBeLessThan(nowS - days(1));
    const verdict = await verify({ ...plain(options), level: 'content' });
    expect(verdict).toMatchObject({ outcome: 'EQUAL', points: kept.length });
  });

  it('names as missing what expires before it is written, with the words of the server, and heals the rest', async () => {
    const kept = Array.from({ length: 30 }, (_, n) => 600 + n);
    const options = await prepared([5_400, ...kept], [5_400, 601]);
    const report = await heal({
      ...options,
      confirm: async () => {
        await query(ground.influxd.url, '', `ALTER RETENTION POLICY rp ON "${ground.database}" DURATION 1h`);
        return true;
      },
    });
    expect(report).toMatchObject({
      outcome: 'NOT EQUAL',
      preview: { missing: 2 },
      points: 1,
      refused: 1,
      reasons: [expect.stringContaining('points beyond retention policy')],
      left: { missing: 1, different: 0 },
    });
    expect(await ground.countOf()).toBe(kept.length);
  });

  const plain = ({ storage, instance, to }: HealOptions) => ({ storage, instance, to });
});
