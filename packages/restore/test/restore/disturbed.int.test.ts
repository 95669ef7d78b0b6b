import { setTimeout as delay } from 'node:timers/promises';
import { MemoryStorage } from '@ceres/storage';
import { query, startInfluxd } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { contentOf, difference } from '../../campaign/kill-restore/content';
import { writeOverwrites } from '../../campaign/kill-restore/overwrites';
import { planRestore } from '../../src/plan/plan';
import { restore } from '../../src/restore';
import { verify } from '../../src/verify/verify';
import { type BackupFile, backupOf, keyOf } from '../support/backup';
import { describeOnInfluxd, type Ground, numbered, startMs, startS } from '../support/ground';

const both = { rp_a: 'rp', rp_b: 'rp' };

/** Makes a backup in which points are rewritten ten times, in files of two policies, two days and two orders of the tags. */
async function overwrites(seed: number, { lines = 20_000, onGet = () => {} } = {}) {
  const storage = new MemoryStorage({
    fail: (call) => {
      if (call === 'get') onGet();
      return undefined;
    },
  });
  const expected = await writeOverwrites(storage, { instance: 'src', lines, points: lines / 10, files: 12, seed });
  return { expected, plan: await planRestore({ storage, instance: 'src' }), storage };
}

/** Makes files of several databases, each with lines of its own. */
function filesOf({ database }: Ground, databases: number, lines = 300): BackupFile[] {
  return Array.from({ length: 3 * databases }, (_, i) => {
    const name = `${database}_${i % databases}`;
    return { database: name, openedMs: startMs + i, lines: numbered(lines, `t${i}`) };
  });
}

describeOnInfluxd('restore ends with the same content', (ground) => {
  const into = (database: string) => ({ mapDatabase: { source: database }, mapRetentionPolicy: both });
  const found = () => contentOf(ground.influxd.url, ground.database, 'rp');

  it.each([1, 2, 4, 8])('at %i lanes: the last write of each value', async (lanes) => {
    const { expected, plan } = await overwrites(lanes);
    await restore(plan, { ...ground.options(), ...into(ground.database), lanes });
    expect(difference(expected, await found())).toEqual([]);
  });

  it('when it runs twice, with a journal of its own each time', async () => {
    const { expected, plan } = await overwrites(11);
    const first = await restore(plan, { ...ground.options(), ...into(ground.database) });
    const journalFile = `${ground.workspace.journalFile}.2`;
    const again = { ...ground.options(), ...into(ground.database), journalFile };
    await expect(restore(plan, again)).rejects.toMatchObject({ code: 'SERVER_NOT_EMPTY' });
    const second = await restore(plan, { ...again, intoExisting: true, lanes: 2 });
    expect(second.lines).toBe(first.lines);
    expect(difference(expected, await found())).toEqual([]);
  });

  it('when it is interrupted again and again', async () => {
    let interruptions = 0;
    let gets = 0;
    let stop = new AbortController();
    const onGet = () => {
      gets += 1;
      if (gets === 5 && interruptions < 4) stop.abort(new Error('enough'));
    };
    const { expected, plan } = await overwrites(12, { onGet });
    for (let lanes = 1; ; lanes = lanes === 8 ? 1 : lanes * 2) {
      stop = new AbortController();
      gets = 0;
      const running = restore(plan, {
        ...ground.options(),
        ...into(ground.database),
        lanes,
        signal: stop.signal,
        rateLinesPerSecond: 40_000,
      });
      const ended = await running.then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ message: 'enough' });
          return false;
        },
      );
      if (ended) break;
      interruptions += 1;
    }
    expect(interruptions).toBeGreaterThan(0);
    expect(difference(expected, await found())).toEqual([]);
  });

  it('when its shards run concurrently, each with a journal of its own', async () => {
    const storage = await backupOf(...filesOf(ground, 5));
    const shards = Array.from({ length: 3 }, async (_, index) => {
      const plan = await planRestore({ storage, instance: 'src', shard: { index, of: 3 } });
      return await restore(plan, { ...ground.options(), journalFile: `${ground.workspace.journalFile}.${index}` });
    });
    const reports = await Promise.all(shards);
    expect(reports.reduce((sum, { lines }) => sum + lines, 0)).toBe(5 * 900);
    expect(reports.reduce((sum, { files }) => sum + files, 0)).toBe(15);
    const to = { url: ground.influxd.url };
    expect(await verify({ storage, instance: 'src', to, level: 'content' })).toMatchObject({
      equal: true,
      points: 5 * 900,
    });
  });
});

describeOnInfluxd('restore, when the server is in trouble,', (ground) => {
  it('can resume after it is interrupted', async () => {
    const files = Array.from({ length: 20 }, (_, i) => ({
      database: ground.database,
      openedMs: startMs + i,
      lines: numbered(2_000, `${i}`),
    }));
    const stop = new AbortController();
    const interrupted = ground.run(files, {
      signal: stop.signal,
      rateLinesPerSecond: 20_000,
      onProgress: ({ files: done }) => done > 1 && stop.abort(new Error('enough')),
    });
    await expect(interrupted).rejects.toThrow('enough');
    expect(await ground.run(files)).toMatchObject({ files: 20, lines: 40_000 });
    expect(await ground.countOf()).toBe(40_000);
  });

  it('stores everything on a server that answers most writes with `timeout`, the last write last', async () => {
    const slow = await startInfluxd({ settings: { coordinator: { 'write-timeout': '3ms' } } });
    try {
      const writes = Array.from({ length: 20_000 }, (_, i) => `m,t=${i % 200} v=${i} ${startS + ((i * 7) % 40)}\n`);
      const files = [0, 1, 2, 3].map((f) => {
        const lines = writes.slice(f * 5_000, f * 5_000 + 5_000).join('');
        return { database: ground.database, openedMs: startMs + f, lines };
      });
      const storage = await backupOf(...files);
      const to = { url: slow.url };
      await restore(await planRestore({ storage, instance: 'src' }), { ...ground.options(), to });
      expect(await verify({ storage, instance: 'src', to, level: 'content' })).toMatchObject({ equal: true });
    } finally {
      await slow.stop();
    }
  });

  it('waits for a server that went away, and continues where it was', async () => {
    const server = await startInfluxd();
    try {
      const { expected, plan } = await overwrites(13, { lines: 60_000 });
      let away: Promise<void> | undefined;
      const goAway = async () => {
        await server.kill();
        await delay(300);
        await server.restart();
      };
      const report = await restore(plan, {
        ...ground.options(),
        to: { url: server.url },
        patienceMs: 120_000,
        mapDatabase: { source: 'db' },
        mapRetentionPolicy: both,
        onProgress: ({ files }) => {
          if (files > 0) away ??= goAway();
        },
      });
      await away;
      expect(away).toBeDefined();
      expect(report.lines).toBe(60_000);
      expect(difference(expected, await contentOf(server.url, 'db', 'rp'))).toEqual([]);
    } finally {
      await server.stop();
    }
  });

  it('gives up when its patience is over, and resumes when the server is back', async () => {
    const server = await startInfluxd();
    try {
      const files = Array.from({ length: 20 }, (_, i) => ({
        database: 'db',
        openedMs: startMs + i,
        lines: numbered(2_000, `${i}`),
      }));
      const to = { url: server.url };
      let killed: Promise<void> | undefined;
      const impatient = ground.run(files, {
        to,
        patienceMs: 1_000,
        rateLinesPerSecond: 20_000,
        onProgress: ({ files: done }) => {
          if (done > 0) killed ??= server.kill();
        },
      });
      await expect(impatient).rejects.toMatchObject({
        code: 'SERVER_UNREACHABLE',
        message: expect.stringContaining('run the same command again'),
      });
      await killed;
      await server.restart();
      expect(await ground.run(files, { to })).toMatchObject({ files: 20, lines: 40_000 });
      const [series] = await query(server.url, 'db', 'SELECT COUNT(v) FROM m');
      expect(series?.values[0]?.[1]).toBe(40_000);
    } finally {
      await server.stop();
    }
  });

  it('names the policy that was dropped during the restore', async () => {
    const { database, influxd } = ground;
    const files = Array.from({ length: 20 }, (_, i) => ({
      database: `${database}_0`,
      openedMs: startMs + i,
      lines: numbered(5_000, `${i}`),
    }));
    let dropped: Promise<unknown> | undefined;
    const restoring = ground.run(files, {
      lanes: 1,
      rateLinesPerSecond: 25_000,
      onProgress: ({ files: done }) => {
        if (done > 0) dropped ??= query(influxd.url, '', `DROP DATABASE "${database}_0"`);
      },
    });
    await expect(restoring).rejects.toMatchObject({
      message: expect.stringContaining(`'autogen' of '${database}_0' was there and is gone`),
    });
    await dropped;
  });

  it('keeps records that max-series-per-database refuses, and splits bodies above max-body-size', async () => {
    const settings = { data: { 'max-series-per-database': 10 }, http: { 'max-body-size': 20_000 } };
    const limited = await startInfluxd({ settings });
    try {
      const { database } = ground;
      const lines = Array.from({ length: 3_000 }, (_, i) => `m,t=${i < 2_990 ? i % 10 : i} v=${i} ${startS + i}\n`);
      const file = { database, openedMs: startMs, lines: lines.join('') };
      const report = await ground.run([file], { to: { url: limited.url }, lanes: 1 });
      expect(report).toMatchObject({ lines: 2_990, rejected: 10 });
      expect((await ground.workspace.rejected())[keyOf(file).replace('.gz', '')]).toContain('code=LIMIT');
    } finally {
      await limited.stop();
    }
  });
});
