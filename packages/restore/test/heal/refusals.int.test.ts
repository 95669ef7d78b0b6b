import {
  type ProxiedInfluxd,
  query,
  startProxiedInfluxd,
  startWriteProxy,
  versionProxyAvailable,
  writeRaw,
} from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { heal } from '../../src/heal/heal';
import type { HealOptions } from '../../src/options/heal';
import { backupOf } from '../support/backup';
import { describeOnInfluxd, numbered, startMs, startS } from '../support/ground';

const accept = ['no-ledger/src'];

describe.skipIf(!(await versionProxyAvailable()))('a heal whose write InfluxDB refuses in part', () => {
  const started = async (version: string): Promise<ProxiedInfluxd> => {
    const proxied = await startProxiedInfluxd(version);
    onTestFinished(() => proxied.stop());
    await query(proxied.influxd.url, '', 'CREATE DATABASE db');
    return proxied;
  };

  it('heals all the rest, counts each point that has a healed value once, and names the reason', async () => {
    const { url, influxd } = await started('1.11.8');
    const time = (n: number) => startS + n;
    const long = `"${'x'.repeat(1_048_577)}"`; // longer than servers from 1.9 on store
    const damaged = [`m,t=a v=1,s=${long} ${time(0)}`, `m,t=a v=2,w=2 ${time(1)}`, `m,t=a v=3 ${time(2)}`];
    const others = numbered(100, 'b');
    const lines = `${damaged.join('\n')}\n${others}`;
    await writeRaw(influxd.url, 'db', others, { precision: 's' });
    const storage = await backupOf({ database: 'db', openedMs: startMs, lines });
    const report = await heal({ storage, instance: 'src', to: { url }, accept });
    // The value is that of a server which stores no such string: the rest of its point is healed.
    expect(report).toMatchObject({ outcome: 'NOT EQUAL', points: 3, values: 4, skipped: 0, refused: 1 });
    expect(report.left).toMatchObject({ missing: 1, different: 0 });
    expect(report.reasons).toEqual([expect.stringContaining('input field "s" on measurement "m" is too long')]);
    const [series] = await query(influxd.url, 'db', "SELECT v, w FROM m WHERE t = 'a'");
    expect(series?.values.map(([, ...row]) => row)).toEqual([
      [1, null],
      [2, 2],
      [3, null],
    ]);
  });
});

describeOnInfluxd('a heal whose write InfluxDB refuses as a whole', (ground) => {
  /** Lacks ten points of 200, in as many writes. */
  const prepared = async (): Promise<HealOptions & { readonly lacking: number }> => {
    const lines = Array.from({ length: 200 }, (_, n) => `m,t=a v=${n},w=1 ${startS + 3_600 * n}\n`);
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
    await writeRaw(ground.influxd.url, ground.database, lines.slice(10).join(''), { precision: 's' });
    const storage = await backupOf({ database: ground.database, openedMs: startMs, lines: lines.join('') });
    return { storage, instance: 'src', to: { url: ground.influxd.url }, accept, lacking: 10 };
  };

  it.each([
    [401, 'unable to parse authentication credentials', 'SERVER_DENIED', /may not write to 'autogen'/],
    [403, '"u" user is not authorized to write to database', 'SERVER_DENIED', /may not write to 'autogen'/],
    [404, 'database not found: "db"', 'SERVER_UNREACHABLE', /was it dropped/],
    [500, 'retention policy not found: autogen', 'SERVER_UNREACHABLE', /was it dropped/],
  ])('stops at %d %s, with one error, and writes nothing further', async (status, error, code, message) => {
    const { lacking, ...options } = await prepared();
    const proxy = await startWriteProxy(ground.influxd.url, ({ number }) =>
      number > 3 ? { status, error } : undefined,
    );
    onTestFinished(() => proxy.close());
    await expect(heal({ ...options, to: { url: proxy.url } })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(proxy.writes).toBe(4);
    expect(await ground.countOf()).toBe(200 - lacking + 3);
  });

  it('divides a write that is too large', async () => {
    const { lacking, ...options } = await prepared();
    const lines = Array.from({ length: 200 }, (_, n) => `m,t=a v=${n},w=1 ${startS + n}\n`).join('');
    const storage = await backupOf({ database: ground.database, openedMs: startMs, lines });
    await query(ground.influxd.url, ground.database, 'DROP MEASUREMENT m');
    const proxy = await startWriteProxy(ground.influxd.url, ({ body }) =>
      body.length > 1_000 ? { status: 413, error: 'Request Entity Too Large' } : undefined,
    );
    onTestFinished(() => proxy.close());
    const report = await heal({ ...options, storage, to: { url: proxy.url }, largeDamage: true });
    expect(report.left).toMatchObject({ missing: 0, different: 0, extra: 0, changedTypes: 0 });
    expect(report).toMatchObject({ outcome: 'EQUAL', points: 200, values: 400, refused: 0, skipped: 0 });
    expect(lacking).toBe(10);
  });

  it('refuses a policy that the server does not have before it writes anything, unless missing points are left alone', async () => {
    const { lacking, ...options } = await prepared();
    const { database } = ground;
    const all = Array.from({ length: 200 }, (_, n) => `m,t=a v=${n},w=1 ${startS + 3_600 * n}\n`).join('');
    const gone = { database, retentionPolicy: 'gone', openedMs: startMs + 1, lines: numbered(5, 'z') };
    const storage = await backupOf({ database, openedMs: startMs, lines: all }, gone);
    await expect(heal({ ...options, storage })).rejects.toMatchObject({
      code: 'HEAL_REFUSED',
      message: expect.stringMatching(/Nothing was written.*no policy 'gone'.*Restore it/),
    });
    expect(await ground.countOf()).toBe(200 - lacking);
    expect(await heal({ ...options, storage, only: 'different' })).toMatchObject({ left: { missing: 25 } });
  });
});
