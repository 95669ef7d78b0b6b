import { readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { query, writeRaw } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { previewRestore } from '../../src/preview';
import { restore } from '../../src/restore';
import { type BackupFile, gzOf } from '../support/backup';
import { describeOnInfluxd, type Ground, numbered, startMs, startS } from '../support/ground';
import { unfinish } from '../support/unfinish';

const fileOf = ({ database }: Ground, more: Partial<BackupFile> = {}): BackupFile => ({
  database,
  openedMs: startMs,
  lines: numbered(10),
  ...more,
});

describeOnInfluxd('restore refuses', (ground) => {
  it('a server that holds points, unless intoExisting is set', async () => {
    const { database, influxd } = ground;
    await query(influxd.url, '', `CREATE DATABASE "${database}"`);
    await writeRaw(influxd.url, database, 'other v=1 1');
    const plan = await ground.planOf([fileOf(ground)]);

    await expect(restore(plan, ground.options())).rejects.toMatchObject({
      code: 'SERVER_NOT_EMPTY',
      message: expect.stringContaining(`'other' in policy 'autogen' of '${database}'`),
    });
    expect(await ground.countOf()).toBe(0);
    await expect(previewRestore(plan, ground.options())).rejects.toMatchObject({ code: 'SERVER_NOT_EMPTY' });
    await previewRestore(plan, { ...ground.options(), intoExisting: true });
    await restore(plan, { ...ground.options(), intoExisting: true });
    await unfinish(ground.workspace.journalFile);
    expect(await previewRestore(plan, ground.options())).toMatchObject({ creates: [], wipes: [] });
    expect(await ground.countOf()).toBe(10);
  });

  it('a policy that neither a file nor an option describes, before anything is created', async () => {
    const file = fileOf(ground, { retentionPolicy: 'unknown' });
    await expect(ground.run([file])).rejects.toMatchObject({
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(`'unknown' in '${ground.database}'`),
    });
    expect(await ground.rows('SHOW DATABASES')).not.toContainEqual([ground.database]);
    await expect(stat(ground.workspace.journalFile)).rejects.toMatchObject({ code: 'ENOENT' });
    await ground.run([file], { policies: { unknown: { duration: 'INF' } } });
    expect(await ground.countOf('unknown.m')).toBe(10);
  });

  it('a mapping of a name that the plan does not have: it is misspelled, and its points would go elsewhere', async () => {
    const files = [fileOf(ground), fileOf(ground, { retentionPolicy: 'rp' })];
    for (const [option, names] of [
      ['mapDatabase', { metrix: 'copy' }],
      ['mapRetentionPolicy', { pr: 'rp_5d' }],
    ] as const) {
      const refused = {
        code: 'INVALID_OPTIONS',
        message: expect.stringContaining(`\`${option}\` to name what the plan has`),
      };
      await expect(ground.run(files, { [option]: names })).rejects.toMatchObject(refused);
    }
    expect(await ground.rows('SHOW DATABASES')).not.toContainEqual([ground.database]);
  });

  it('a database without a default policy, if a file needs one, before anything is changed', async () => {
    const { database, influxd } = ground;
    await query(influxd.url, '', `CREATE DATABASE "${database}" WITH NAME kept`);
    await query(influxd.url, '', `DROP RETENTION POLICY kept ON "${database}"`);
    const plan = await ground.planOf([fileOf(ground)]);
    const refusal = {
      code: 'INVALID_OPTIONS',
      message: expect.stringContaining(`'${database}' has no default policy`),
    };
    await expect(previewRestore(plan, ground.options())).rejects.toMatchObject(refusal);
    await expect(restore(plan, ground.options())).rejects.toMatchObject(refusal);
    await expect(stat(ground.workspace.journalFile)).rejects.toMatchObject({ code: 'ENOENT' });
    await query(influxd.url, '', `CREATE RETENTION POLICY late ON "${database}" DURATION INF REPLICATION 1 DEFAULT`);
    expect(await restore(plan, ground.options())).toMatchObject({ lines: 10 });
  });

  it('more rejected records than allowed, keeps them, and resumes when more are allowed', async () => {
    const bad = Array.from({ length: 5 }, (_, i) => `m v=oops ${startS + i}\n`).join('');
    const file = fileOf(ground, { lines: `${bad}${numbered(3)}` });
    await expect(ground.run([file], { rejectsMax: 4 })).rejects.toMatchObject({
      code: 'TOO_MANY_REJECTS',
      message: expect.stringContaining('.rejects.part'),
    });
    const report = await ground.run([file], { rejectsMax: 5 });
    expect(report).toMatchObject({ rejected: 5, lines: 3 });
  });

  it('a rejects folder that cannot be written', async () => {
    const { journalFile, rejectsDir } = ground.workspace;
    await writeFile(rejectsDir, '');
    const unwritable = ground.run([fileOf(ground)], { rejectsDir: `${rejectsDir}/below` });
    await expect(unwritable).rejects.toMatchObject({ code: 'REJECTS_UNWRITABLE' });
    await expect(stat(journalFile)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('two databases that go into one if a shard holds only one of them', async () => {
    const { database } = ground;
    const files = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) =>
      fileOf(ground, { database: `${database}_${name}` }),
    );
    const mapDatabase = Object.fromEntries(files.map((file) => [file.database, database]));
    const shard = { index: 0, of: 2 };
    await expect(ground.run(files, { mapDatabase }, { shard })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  describe('a journal', () => {
    it('of another plan, storage or server, and says which', async () => {
      const file = fileOf(ground);
      await ground.run([file]);
      const refusal = (difference: string) => ({
        code: 'JOURNAL_MISMATCH',
        message: expect.stringContaining(difference),
      });
      const databases = [ground.database];
      await expect(ground.run([file], {}, { databases })).rejects.toMatchObject(refusal('plan'));
      const to = { url: 'http://127.0.0.1:1' };
      await expect(ground.run([file], { to })).rejects.toMatchObject(refusal('127.0.0.1:1'));
      const elsewhere = ground.run([{ ...file, openedMs: startMs - 7 }]);
      await expect(elsewhere).rejects.toMatchObject(refusal('a storage that holds'));
    });

    it('with done files in a policy that the server no longer has, because the server was replaced', async () => {
      const { database } = ground;
      const files = [fileOf(ground), fileOf(ground, { openedMs: startMs + 1 })];
      await ground.run(files);
      await unfinish(ground.workspace.journalFile, 1);
      await query(ground.influxd.url, '', `DROP DATABASE "${database}"`);
      const refusal = {
        code: 'JOURNAL_MISMATCH',
        message: expect.stringContaining(`the default policy of '${database}'`),
      };
      await expect(ground.run(files)).rejects.toMatchObject(refusal);
      await expect(previewRestore(await ground.planOf(files), ground.options())).rejects.toMatchObject(refusal);
      expect(await ground.rows('SHOW DATABASES')).not.toContainEqual([database]);
      // A policy without a done file loses nothing.
      await unfinish(ground.workspace.journalFile, 0);
      expect(await ground.run(files)).toMatchObject({ files: 2 });
      expect(await ground.countOf()).toBe(10);
    });

    it('with points in a policy without a shard on the server, because it was replaced by one with the same names', async () => {
      const { database } = ground;
      const files = [fileOf(ground), fileOf(ground, { openedMs: startMs + 1 })];
      await ground.run(files);
      await unfinish(ground.workspace.journalFile, 1);
      await query(ground.influxd.url, '', `DROP DATABASE "${database}"`);
      await query(ground.influxd.url, '', `CREATE DATABASE "${database}"`);
      const refusal = { code: 'JOURNAL_MISMATCH', message: expect.stringContaining('holds no points there now') };
      await expect(ground.run(files)).rejects.toMatchObject(refusal);
      await expect(previewRestore(await ground.planOf(files), ground.options())).rejects.toMatchObject(refusal);
      // A policy whose points expire may have none left.
      await query(ground.influxd.url, '', `ALTER RETENTION POLICY "autogen" ON "${database}" DURATION 90w`);
      expect(await ground.run(files)).toMatchObject({ files: 2 });
    });

    it('but not one that resumes after the backup has grown by a database', async () => {
      const files = [fileOf(ground), fileOf(ground, { openedMs: startMs + 1 })];
      await ground.run(files);
      await unfinish(ground.workspace.journalFile, 1);
      const grown = [...files, fileOf(ground, { openedMs: startMs + 2, database: `${ground.database}_new` })];
      expect(await ground.run(grown)).toMatchObject({ files: 2 });
    });

    it('that another restore is using', async () => {
      const plan = await ground.planOf([
        fileOf(ground, { lines: numbered(5_000) }),
        fileOf(ground, { openedMs: startMs + 1, lines: numbered(5_000, 'b') }),
      ]);
      const refused: unknown[] = [];
      const stop = new AbortController();
      const beginRival = async () => {
        await restore(plan, ground.options()).catch((error) => refused.push(error));
        stop.abort(new Error('enough'));
      };
      let rival: Promise<void> | undefined;
      const running = restore(plan, {
        ...ground.options(),
        signal: stop.signal,
        lanes: 8,
        rateLinesPerSecond: 1,
        onProgress: () => {
          rival ??= beginRival();
        },
      });
      await expect(running).rejects.toThrow('enough');
      await rival;
      expect(refused).toMatchObject([{ code: 'JOURNAL_MISMATCH', message: expect.stringContaining('in use by pid') }]);
      expect(await restore(plan, ground.options())).toMatchObject({ lines: 10_000 });
    });
  });

  describe('a wipe', () => {
    it('of a plan with a filter, without a file, or with a faulty file, each with its reason', async () => {
      const file = fileOf(ground);
      const { database } = ground;
      await query(ground.influxd.url, '', `CREATE DATABASE "${database}"`);
      await writeRaw(ground.influxd.url, database, 'old v=1 1');
      const refusal = (reason: string) => ({ code: 'WIPE_REFUSED', message: expect.stringContaining(reason) });
      const wipe = (files: readonly BackupFile[], selection: object = {}) =>
        ground.run(files, { wipe: true }, selection);

      const filters = {
        databases: [database],
        retentionPolicies: ['~default'],
        measurements: ['m'],
        from: 0n,
        until: 2n ** 62n,
        openedFrom: 0,
        openedBefore: startMs + 1,
        shard: { index: 0, of: 2 },
      };
      for (const [name, value] of Object.entries(filters)) {
        if (name === 'retentionPolicies' || name === 'shard') continue;
        await expect(wipe([file], { [name]: value })).rejects.toMatchObject(refusal(`narrowed by ${name}`));
        const preview = previewRestore(await ground.planOf([file], { [name]: value }), {
          ...ground.options(),
          wipe: true,
        });
        await expect(preview).rejects.toMatchObject(refusal(`narrowed by ${name}`));
      }
      await expect(wipe([])).rejects.toMatchObject(refusal('holds no file'));
      const broken = { ...file, openedMs: startMs + 1, gz: (await gzOf(file)).subarray(0, -3) };
      await expect(wipe([file, broken])).rejects.toMatchObject(refusal('the backup has 1 fault,'));
      expect(await ground.countOf('old')).toBe(1);
    });

    it('on the resume of a restore that began without one', async () => {
      const file = fileOf(ground);
      await ground.run([file]);
      await unfinish(ground.workspace.journalFile);
      await expect(ground.run([file], { wipe: true })).rejects.toMatchObject({ code: 'WIPE_REFUSED' });
      expect(await ground.countOf()).toBe(10);
    });
  });
});

describeOnInfluxd('a wipe', (ground) => {
  it('drops nothing if InfluxDB refuses to create a policy, and does not blame the options', async () => {
    const later = '\u{1fae9}'; // of Unicode 16, which Go does not know yet
    const { database, influxd } = ground;
    await query(influxd.url, '', `CREATE DATABASE "${database}"`);
    await writeRaw(influxd.url, database, 'old v=1 1');
    const refused = { openedMs: startMs + 1, retentionPolicy: later, header: { policy: { duration: '48h' } } };
    const wiping = ground.run([fileOf(ground), fileOf(ground, refused)], { wipe: true });
    await expect(wiping).rejects.toMatchObject({
      code: 'SERVER_QUERY_FAILED',
      message: expect.stringContaining(later),
    });
    expect(await ground.countOf('old')).toBe(1);
  });

  it('that was killed before its first drop is finished by the same command', async () => {
    const { database, influxd, workspace } = ground;
    const file = fileOf(ground);
    await query(influxd.url, '', `CREATE DATABASE "${database}"`);
    await writeRaw(influxd.url, database, 'old v=1 1');
    await ground.run([file], { wipe: true });
    // As if killed right after the first write to the journal; the shard is another one by now.
    await writeRaw(influxd.url, database, 'old v=1 1');
    const [header] = (await readFile(workspace.journalFile, 'utf8')).split('\n');
    const shards = (await ground.records('SHOW SHARDS'))
      .filter((shard) => shard.database === database)
      .map(({ id }) => Number(id));
    await writeFile(workspace.journalFile, `${JSON.stringify({ ...JSON.parse(header ?? ''), wipe: shards })}\n`);
    await ground.run([file], { wipe: true });
    expect([await ground.countOf('old'), await ground.countOf()]).toEqual([0, 10]);
  });

  it('drops the shards of the planned policies and nothing else, and never again on a resume', async () => {
    const { database, influxd } = ground;
    const file = fileOf(ground);
    await query(influxd.url, '', `CREATE DATABASE "${database}"`);
    await query(influxd.url, '', `CREATE RETENTION POLICY kept ON "${database}" DURATION INF REPLICATION 1`);
    const select = 'SELECT mean(v) AS v INTO kept.mean FROM m GROUP BY time(1h)';
    await query(influxd.url, '', `CREATE CONTINUOUS QUERY cq ON "${database}" BEGIN ${select} END`);
    await writeRaw(influxd.url, database, 'old v=1 1');
    await writeRaw(influxd.url, database, 'm v=1 1', { rp: 'kept' });

    await ground.run([file], { wipe: true });
    expect([await ground.countOf('old'), await ground.countOf(), await ground.countOf('kept.m')]).toEqual([0, 10, 1]);
    expect((await ground.rows('SHOW CONTINUOUS QUERIES')).map(([name]) => name)).toContain('cq');

    await unfinish(ground.workspace.journalFile);
    await writeRaw(influxd.url, database, `live v=1 ${startS}000000000`);
    await ground.run([file], { wipe: true });
    expect(await ground.countOf('live')).toBe(1);
  });
});

describeOnInfluxd('a server', (ground) => {
  const expectRefusal = async (listener: RequestListener, more: object, code: string, todo: string) => {
    const server = await served(listener);
    try {
      const restoring = ground.run([fileOf(ground)], { to: { url: server.url }, patienceMs: 1_000, ...more });
      await expect(restoring).rejects.toMatchObject({ code, message: expect.stringContaining(todo) });
      await expect(stat(ground.workspace.journalFile)).rejects.toMatchObject({ code: 'ENOENT' });
    } finally {
      await server.close();
    }
  };

  it.each([
    ['InfluxDB 2', { 'x-influxdb-version': 'v2.7.1' }, 204],
    ['InfluxDB before 1.0', { 'x-influxdb-version': '0.13.0' }, 204],
    ['InfluxDB 3', { 'x-influxdb-version': '3.0.1' }, 200],
    ['a server of another kind', { server: 'nginx' }, 200],
  ])('that is %s is refused before anything is sent', async (_, headers, status) => {
    const answer: RequestListener = (_request, response) => void response.writeHead(status, headers).end();
    await expectRefusal(answer, {}, 'SERVER_UNSUPPORTED', 'InfluxDB 1.x');
  });

  it('that refuses the credentials is distinguished from one that is not there', async () => {
    const closed: RequestListener = (request, response) => {
      const isPing = request.url?.startsWith('/ping');
      response.writeHead(isPing ? 204 : 401, { 'x-influxdb-version': '1.8.10' });
      response.end(isPing ? '' : '{"error":"authorization failed"}');
    };
    await expectRefusal(closed, {}, 'SERVER_DENIED', 'credentials');
    await expectRefusal(closed, { to: { url: 'http://127.0.0.1:1' } }, 'SERVER_UNREACHABLE', 'Check that it runs');
  });
});

describeOnInfluxd(
  'a server that demands credentials',
  (ground) => {
    it('accepts the credentials of an admin, and refuses wrong ones and those without the rights', async () => {
      const { url } = ground.influxd;
      await query(url, '', `CREATE USER admin WITH PASSWORD 'right' WITH ALL PRIVILEGES`);
      const asAdmin = url.replace('//', '//admin:right@');
      await query(asAdmin, '', `CREATE USER nobody WITH PASSWORD 'right'`);
      for (const [username, password] of [
        ['admin', 'wrong'],
        ['nobody', 'right'],
        ['stranger', 'right'],
      ] as const) {
        await expect(ground.run([fileOf(ground)], { to: { url, username, password } })).rejects.toMatchObject({
          code: 'SERVER_DENIED',
        });
      }
      const to = { url, username: 'admin', password: 'right' };
      expect(await ground.run([fileOf(ground)], { to })).toMatchObject({ lines: 10 });
      const [series] = await query(asAdmin, ground.database, 'SELECT COUNT(v) FROM m');
      expect(series?.values[0]?.[1]).toBe(10);
    });
  },
  { http: { 'auth-enabled': true } },
);

async function served(listener: RequestListener): Promise<{ url: string; close(): Promise<void> }> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
