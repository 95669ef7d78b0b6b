import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Influxd, influxdAvailable, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RestoreOptions } from '../src/options/restore';
import { planRestore } from '../src/plan/plan';
import { restore } from '../src/restore';
import { verify } from '../src/verify/verify';
import { type BackupFile, backupOf, gzOf, keyOf } from './support/backup';
import { openWorkspace, type Workspace } from './support/workspace';

const startMs = Date.UTC(2024, 0, 10);
const startS = startMs / 1000;
const numbered = (count: number, tag = 'a') =>
  Array.from({ length: count }, (_, i) => `m,t=${tag} v=${i} ${startS + i}\n`).join('');

describe.skipIf(!(await influxdAvailable()))('restore, when something is wrong', () => {
  let influxd: Influxd;
  let workspace: Workspace;
  let database: string;
  let count = 0;

  beforeAll(async () => {
    influxd = await startInfluxd();
  });
  afterAll(() => influxd.stop());
  beforeEach(async () => {
    workspace = await openWorkspace();
    count += 1;
    database = `db_${count}`;
  });
  afterEach(() => workspace.remove());

  const run = async (files: readonly BackupFile[], more: Partial<RestoreOptions> = {}, selection: object = {}) => {
    const plan = await planRestore({ storage: await backupOf(...files), instance: 'src', ...selection });
    const { journal, rejects } = workspace;
    return await restore(plan, { target: { url: influxd.url }, journal, rejects, ...more });
  };
  const countOf = async (what = 'm', from = database) =>
    (await query(influxd.url, from, `SELECT COUNT(v) FROM ${what}`))[0]?.values[0]?.[1] ?? 0;

  it('restores around files that are corrupt, cut off, empty, foreign or no gzip, and names each', async () => {
    const whole = { database, openedMs: startMs, lines: numbered(20_000) };
    const cut = (await gzOf(whole)).subarray(0, -200);
    const files: BackupFile[] = [
      { ...whole, openedMs: startMs, lines: numbered(10, 'whole') },
      { ...whole, openedMs: startMs + 1, gz: cut },
      { ...whole, openedMs: startMs + 2, gz: Buffer.alloc(0) },
      { ...whole, openedMs: startMs + 3, gz: Buffer.from('not gzip at all') },
      { ...whole, openedMs: startMs + 4, gz: gzipSync('just some text\n') },
      { ...whole, openedMs: startMs + 5, lines: numbered(10, 'last') },
    ];
    const report = await run(files);
    expect(report.files).toBe(6);
    expect([...report.corruptFiles, ...report.unsealedFiles].sort()).toEqual(files.slice(1, 5).map(keyOf));
    expect(Object.keys(report.corruptReasons)).toEqual(report.corruptFiles);
    expect(await countOf('m')).toBe(report.lines);
    expect(report.lines).toBeGreaterThan(10_000);
  });

  it('restores what the official tool restores wrongly: newlines in strings, names with a colon', async () => {
    const strange = `db:${count}`;
    const lines = `m,t=a s="one\ntwo",v=1 ${startS}\n`;
    await run([
      { database: strange, retentionPolicy: 'r:x', openedMs: startMs, lines, header: { policy: { duration: 'INF' } } },
    ]);
    const [series] = await query(influxd.url, strange, 'SELECT s FROM "r:x".m');
    expect(series?.values[0]?.[1]).toBe('one\ntwo');
  });

  it('sends only records inside the selected times and measurements', async () => {
    const file = { database, openedMs: startMs, lines: `${numbered(100)}other v=1 ${startS + 50}\n` };
    const ns = (seconds: number) => BigInt(startS + seconds) * 1_000_000_000n;
    const report = await run([file], {}, { from: ns(10), to: ns(60), measurements: ['m'] });
    expect(report.lines).toBe(50);
    expect(await countOf('m')).toBe(50);
    expect(await countOf('other')).toBe(0);
  });

  it('restores two databases into one, in the order of their files', async () => {
    const into = `${database}_both`;
    const report = await run(
      [
        { database: `${database}_a`, openedMs: startMs + 1, lines: `m v=2 ${startS}\n` },
        { database: `${database}_b`, openedMs: startMs, lines: `m v=1,w=1 ${startS}\n` },
      ],
      { mapDatabase: { [`${database}_a`]: into, [`${database}_b`]: into } },
    );
    expect(report.lines).toBe(2);
    const [series] = await query(influxd.url, into, 'SELECT v, w FROM m');
    expect(series?.values[0]?.slice(1)).toEqual([2, 1]);
  });

  it('refuses a policy that nobody describes, before anything is created', async () => {
    const file = { database, retentionPolicy: 'unknown', openedMs: startMs, lines: numbered(1) };
    await expect(run([file])).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    const [databases] = await query(influxd.url, '', 'SHOW DATABASES');
    expect(databases?.values.flat()).not.toContain(database);
    await expect(stat(workspace.journal)).rejects.toMatchObject({ code: 'ENOENT' });
    await run([file], { policies: { unknown: { duration: 'INF' } } });
  });

  it('wipes the shards of the planned policies and nothing else, and never again on a resume', async () => {
    const file = { database, openedMs: startMs, lines: numbered(10) };
    await query(influxd.url, '', `CREATE DATABASE ${database}`);
    await query(influxd.url, '', `CREATE RETENTION POLICY kept ON ${database} DURATION INF REPLICATION 1`);
    await writeRaw(influxd.url, database, 'old v=1 1');
    await writeRaw(influxd.url, database, 'm v=1 1', { rp: 'kept' });

    await expect(run([file], { wipe: true }, { databases: [database] })).rejects.toMatchObject({
      code: 'WIPE_REFUSED',
    });
    const broken = { ...file, openedMs: startMs + 1, gz: (await gzOf(file)).subarray(0, -3) };
    await expect(run([file, broken], { wipe: true })).rejects.toMatchObject({ code: 'WIPE_REFUSED' });
    await expect(run([], { wipe: true })).rejects.toMatchObject({ code: 'WIPE_REFUSED' });
    expect(await countOf('old')).toBe(1);

    await run([file], { wipe: true });
    expect([await countOf('old'), await countOf('m'), await countOf('kept.m')]).toEqual([0, 10, 1]);
    const unfinished = (await readFile(workspace.journal, 'utf8')).split('\n').slice(0, 3).join('\n');
    await writeFile(workspace.journal, `${unfinished}\n`);
    await writeRaw(influxd.url, database, `live v=1 ${startS}000000000`);
    await run([file], { wipe: true });
    expect(await countOf('live')).toBe(1);
  });

  it('stops at too many rejects, keeps them, and goes on when more are allowed', async () => {
    const bad = Array.from({ length: 5 }, (_, i) => `m v=oops ${startS + i}\n`).join('');
    const file = { database, openedMs: startMs, lines: `${bad}${numbered(3)}` };
    await expect(run([file], { rejectsMax: 4 })).rejects.toMatchObject({ code: 'TOO_MANY_REJECTS' });
    const report = await run([file], { rejectsMax: 5 });
    expect(report).toMatchObject({ rejected: 5, lines: 3 });
  });

  it('refuses a journal of another plan, and a rejects folder that cannot be written', async () => {
    const file = { database, openedMs: startMs, lines: numbered(1) };
    await run([file]);
    const other = run([{ ...file, openedMs: startMs + 7 }], {}, { databases: [database] });
    await expect(other).rejects.toMatchObject({ code: 'JOURNAL_MISMATCH' });
    const otherStorage = run([{ ...file, openedMs: startMs - 7 }]);
    await expect(otherStorage).rejects.toMatchObject({ code: 'JOURNAL_MISMATCH' });
    const journal = `${workspace.journal}.2`;
    await writeFile(`${workspace.rejects}-file`, '');
    const unwritable = run([file], { journal, rejects: `${workspace.rejects}-file/below` });
    await expect(unwritable).rejects.toMatchObject({ code: 'REJECTS_UNWRITABLE' });
  });

  it('says of a server that is none, is another, or refuses the credentials', async () => {
    const file = { database, openedMs: startMs, lines: numbered(1) };
    await expect(run([file], { target: { url: 'http://127.0.0.1:1' } })).rejects.toMatchObject({
      code: 'TARGET_UNREACHABLE',
    });
    const answer = (headers: Record<string, string>, status: number) =>
      served((_, response) => void response.writeHead(status, headers).end('{"error":"authorization failed"}'));
    const v2 = await answer({ 'x-influxdb-version': 'v2.7.1' }, 204);
    await expect(run([file], { target: { url: v2.url } })).rejects.toMatchObject({ code: 'TARGET_UNSUPPORTED' });
    await v2.close();
    const closed = await served((request, response) => {
      const status = request.url?.startsWith('/ping') ? 204 : 401;
      response
        .writeHead(status, { 'x-influxdb-version': '1.8.10' })
        .end(status === 401 ? '{"error":"authorization failed"}' : '');
    });
    await expect(run([file], { target: { url: closed.url } })).rejects.toMatchObject({ code: 'TARGET_DENIED' });
    await closed.close();
  });

  it('leaves a state that resumes when it is interrupted', async () => {
    const files = Array.from({ length: 20 }, (_, i) => ({
      database,
      openedMs: startMs + i,
      lines: numbered(2_000, `${i}`),
    }));
    const stop = new AbortController();
    const interrupted = run(files, {
      signal: stop.signal,
      linesPerSecondMax: 20_000,
      onProgress: ({ files: done }) => done > 1 && stop.abort(new Error('enough')),
    });
    await expect(interrupted).rejects.toThrow('enough');
    const report = await run(files);
    expect(report).toMatchObject({ files: 20, lines: 40_000 });
    expect(await countOf('m')).toBe(40_000);
  });

  it('gets everything stored by a server that answers `timeout` to most writes, the last write last', async () => {
    const slow = await startInfluxd({ settings: { coordinator: { 'write-timeout': '3ms' } } });
    try {
      const writes = Array.from({ length: 20_000 }, (_, i) => `m,t=${i % 200} v=${i} ${startS + ((i * 7) % 40)}\n`);
      const files = [0, 1, 2, 3].map((f) => {
        return { database, openedMs: startMs + f, lines: writes.slice(f * 5_000, f * 5_000 + 5_000).join('') };
      });
      const storage = await backupOf(...files);
      const target = { url: slow.url };
      const { journal, rejects } = workspace;
      await restore(await planRestore({ storage, instance: 'src' }), { target, journal, rejects });
      expect(await verify({ storage, instance: 'src', target, level: 'content' })).toMatchObject({ equal: true });
    } finally {
      await slow.stop();
    }
  }, 120_000);

  it('keeps what max-series-per-database refuses, and divides what is over max-body-size', async () => {
    const settings = { data: { 'max-series-per-database': 10 }, http: { 'max-body-size': 20_000 } };
    const limited = await startInfluxd({ settings });
    try {
      const lines = Array.from(
        { length: 3_000 },
        (_, i) => `m,t=${i < 2_990 ? i % 10 : i} v=${i} ${startS + i}\n`,
      ).join('');
      const report = await run([{ database, openedMs: startMs, lines }], { target: { url: limited.url }, lanes: 1 });
      expect(report).toMatchObject({ lines: 2_990, rejected: 10 });
      expect((await workspace.rejected())[keyOf({ database, openedMs: startMs, lines }).replace('.gz', '')]).toContain(
        'code=LIMIT',
      );
    } finally {
      await limited.stop();
    }
  });
});

async function served(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
