import { createHmac } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type BackupSink, createWriteHandler, teeStats, type WriteHandlerOptions } from '../../../../src/index';
import { internalsOf } from '../../../../src/internals';
import { afterTest, openTestSink } from '../../backup';
import { send } from '../tools/client';
import { serve } from '../tools/serve';

const settings = { http: { 'auth-enabled': true, 'shared-secret': 'shared' } };
const admin = 'admin:admin-password';
const basic = (credentials: string) => ({ authorization: `Basic ${Buffer.from(credentials).toString('base64')}` });
const good = basic('ingest:ingest-password');

/** Returns a JSON Web Token as InfluxDB takes it, signed with `secret`. */
function jwt(username: string, expiresMs: number, secret = 'shared'): string {
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ username, exp: Math.floor(expiresMs / 1000) })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const hour = 3_600_000;

/** A clock that a test moves; it never sleeps. */
function testClock() {
  let aheadMs = 0;
  return {
    now: () => Date.now() + aheadMs,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const timer = setTimeout(resolve, ms);
        signal?.addEventListener('abort', () => {
          clearTimeout(timer);
          reject(signal.reason);
        });
      }),
    advance: (ms: number) => {
      aheadMs += ms;
    },
  };
}

describe.skipIf(!(await influxdAvailable()))('behind a handler, an InfluxDB with authentication', () => {
  let influxd: Influxd;
  let adminUrl: string;

  beforeAll(async () => {
    influxd = await startInfluxd({ settings });
    adminUrl = influxd.url.replace('//', `//${admin}@`);
    await setUpServer();
  });
  afterAll(() => influxd?.stop());

  /** Makes the server what it was: one administrator, one user who may write to `db_0` and one who may only read. */
  async function setUpServer(users = ['ingest', 'reader']): Promise<void> {
    await influxd.destroyData();
    await influxd.restart(settings);
    await query(influxd.url, '', `CREATE USER admin WITH PASSWORD 'admin-password' WITH ALL PRIVILEGES`);
    await query(adminUrl, '', 'CREATE DATABASE db_0');
    for (const user of users) {
      await query(adminUrl, '', `CREATE USER ${user} WITH PASSWORD '${user}-password'`);
      await query(adminUrl, '', `GRANT ${user === 'reader' ? 'READ' : 'WRITE'} ON db_0 TO ${user}`);
    }
  }
  /** Ends the server; it is there again, with its users, when the test ends. */
  async function end(): Promise<void> {
    afterTest(() => influxd.restart());
    await influxd.kill();
  }

  async function setUp(options: Partial<WriteHandlerOptions> = {}, spoolDir?: string) {
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const clock = testClock();
    const test = await openTestSink({ logger, clock, ...(spoolDir === undefined ? {} : { spoolDir }) });
    const handler = createWriteHandler(influxd.url, test.sink, { instance: 'influxdb-0', ...options });
    const url = await serve(handler);
    let n = 0;
    const write = (headers: Record<string, string> = {}, parameters = '', database = 'db_0') => {
      n += 1;
      return send(url, 'POST', `/write?db=${database}${parameters}`, `m v=${n} ${n}`, headers);
    };
    const values = async () => (await test.lines()).map((line) => Number(/ v=(\d+) /.exec(line)?.[1]));
    const logged = () => JSON.stringify(Object.values(logger).flatMap((level) => level.mock.calls));
    return { ...test, handler, url, write, values, clock, logger, logged };
  }

  async function newSpoolDir(): Promise<string> {
    const spoolDir = await mkdtemp(join(tmpdir(), 'ceres-credentials-'));
    afterTest(() => rm(spoolDir, { recursive: true, force: true }));
    return spoolDir;
  }

  it.each<[string, Record<string, string>, string, number]>([
    ['none at all', {}, '', 401],
    ['a wrong password', basic('ingest:wrong'), '', 401],
    ['a user who may only read', basic('reader:reader-password'), '', 403],
    ['an unknown user in the query', {}, '&u=nobody&p=x', 401],
    [
      'a token that is signed with another secret',
      { authorization: `Bearer ${jwt('ingest', Date.now() + hour, 'x')}` },
      '',
      401,
    ],
    ['a token that has expired', { authorization: `Bearer ${jwt('ingest', Date.now() - hour)}` }, '', 401],
    ['Token with a wrong password', { authorization: 'Token ingest:wrong' }, '', 401],
  ])('refuses %s: its own answer is passed on, and nothing is backed up', async (_, headers, parameters, status) => {
    const { write, values, url } = await setUp();
    for (let n = 0; n < 2; n += 1) {
      const answer = await write(headers, parameters);
      const sent = headers.authorization?.startsWith('Token') ? basic('ingest:wrong') : headers;
      const direct = await send(influxd.url, 'POST', `/write?db=db_0${parameters}`, 'm v=1 1', sent);
      expect(answer).toMatchObject({ status, body: direct.body });
      expect(answer.status).toBe(direct.status);
      expect(answer.headers['www-authenticate']).toBe(direct.headers['www-authenticate']);
    }
    expect(url).toBeDefined();
    expect(await values()).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['Basic', good, ''],
    ['parameters', {}, '&u=ingest&p=ingest-password'],
    ['Token', { authorization: 'Token ingest:ingest-password' }, ''],
    ['a JSON Web Token', { authorization: `Bearer ${jwt('ingest', Date.now() + hour)}` }, ''],
  ])('takes a user who may write: %s', async (_, headers, parameters) => {
    const { write, values } = await setUp();
    expect((await write(headers, parameters)).status).toBe(204);
    expect(await values()).toEqual([1]);
  });

  it('that was rebuilt without the user of its clients gets nothing, and the backup gets all of it, loudly', async () => {
    const { write, values, logger, handler, sink, clock } = await setUp();
    expect((await write(good)).status).toBe(204);
    await kept(sink);
    afterTest(() => setUpServer());
    await setUpServer([]);
    clock.advance(hour); // longer than an answer is remembered
    expect((await write(good)).status).toBe(401);
    expect((await write(basic('ingest:other'))).status).toBe(401);
    expect(await values()).toEqual([1, 2]);
    expect(logger.error).toHaveBeenCalledWith(
      expect.objectContaining({ user: 'ingest', database: 'db_0' }),
      expect.stringMatching(/InfluxDB refuses.*backed up all the same/),
    );
    expect(teeStats(handler)).toMatchObject({ honoredCredentials: 1, unauthorized: 1 });
  });

  it('that was rebuilt without databases and users is the same to the backup', async () => {
    const { write, values, sink, clock } = await setUp();
    expect((await write(good)).status).toBe(204);
    await kept(sink);
    afterTest(() => setUpServer());
    await influxd.destroyData();
    await influxd.restart(settings);
    clock.advance(hour);
    expect((await write(good)).status).toBeGreaterThanOrEqual(400);
    expect((await write()).status).toBeGreaterThanOrEqual(400);
    expect(await values()).toEqual([1, 2]);
  });

  it('that is away is waited for by known clients in the backup, by unknown ones with 503', async () => {
    const { write, values, logger, sink, clock } = await setUp();
    expect((await write(good)).status).toBe(204);
    await kept(sink);
    await end();
    clock.advance(hour);
    expect((await write(good)).status).toBe(502);
    for (const unknown of [
      {},
      basic('ingest:wrong'),
      { authorization: `Bearer ${jwt('ingest', Date.now() + hour)}` },
    ]) {
      expect(await write(unknown)).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
    }
    expect((await write(good, '', 'db_1')).status).toBe(503);
    expect(await values()).toEqual([1, 2]);
    expect(logger.error).toHaveBeenCalledWith(
      expect.objectContaining({ user: 'ingest' }),
      expect.stringMatching(/InfluxDB cannot say.*backed up all the same/),
    );
    clock.advance(24 * hour); // the grace is over
    expect((await write(good)).status).toBe(503);
    expect(await values()).toEqual([1, 2]);
  });

  it('that is away does not make a restarted handler forget its clients, and no secret is on the disk or in the log', async () => {
    const spoolDir = await newSpoolDir();
    const token = jwt('ingest', Date.now() + 2 * hour);
    const first = await setUp({}, spoolDir);
    expect((await first.write(good)).status).toBe(204);
    expect((await first.write({ authorization: `Bearer ${token}` })).status).toBe(204);
    await kept(first.sink);
    await first.sink.close();
    await end();
    const second = await setUp({}, spoolDir);
    expect((await second.write(good)).status).toBe(502);
    expect((await second.write({ authorization: `Bearer ${token}` })).status).toBe(502);
    expect((await second.write({ authorization: `Bearer ${jwt('ingest', Date.now() + hour)}` })).status).toBe(503);
    second.clock.advance(3 * hour); // the token has expired, the password has not
    expect((await second.write({ authorization: `Bearer ${token}` })).status).toBe(503);
    expect((await second.write(good)).status).toBe(502);

    const own = join(spoolDir, '~spool');
    const file = join(own, 'credentials.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const entries = await readdir(own, { withFileTypes: true, recursive: true });
    const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    for (const secret of ['ingest-password', good.authorization.slice(6), token.split('.')[2] as string]) {
      expect(texts.join()).not.toContain(secret);
      expect(first.logged() + second.logged()).not.toContain(secret);
    }
  });

  it('is asked once for many writes, and a write costs no hash', async () => {
    const { write } = await setUp();
    const asked = async () => Number(await requests(adminUrl));
    await write(good);
    const before = await asked();
    for (let n = 0; n < 20; n += 1) await write(good);
    expect((await asked()) - before).toBeLessThanOrEqual(20);
  });

  it('honors nothing without a grace', async () => {
    const { write, values, sink, clock } = await setUp({ credentialGraceMs: 0 });
    expect((await write(good)).status).toBe(204);
    await kept(sink);
    await end();
    clock.advance(hour);
    expect((await write(good)).status).toBe(503);
    expect(await values()).toEqual([1]);
  });
});

describe.skipIf(!(await influxdAvailable()))('behind a handler, an InfluxDB without authentication', () => {
  let influxd: Influxd;

  beforeAll(async () => {
    influxd = await startInfluxd();
    await query(influxd.url, '', 'CREATE DATABASE db_0');
  });
  afterAll(() => influxd?.stop());

  it('takes every credential, for a missing database too, and while it is away', async () => {
    const clock = testClock();
    const { sink, lines } = await openTestSink({ clock });
    const url = await serve(createWriteHandler(influxd.url, sink, { instance: 'influxdb-0' }));
    const write = (database: string, headers = {}) => send(url, 'POST', `/write?db=${database}`, 'm v=1 1', headers);
    expect((await write('nowhere')).status).toBe(404);
    expect((await write('db_0', basic('any:one'))).status).toBe(204);
    await kept(sink);
    await influxd.kill();
    clock.advance(hour);
    expect((await write('db_0', basic('another:one'))).status).toBe(502);
    expect((await write('db_0')).status).toBe(502);
    expect(await lines()).toHaveLength(4);
  });
});

/** Returns how many write requests the server has served. */
async function requests(url: string): Promise<unknown> {
  const [stats] = (await query(url, '', `SHOW STATS FOR 'httpd'`)).filter(({ columns }) =>
    columns.includes('writeReq'),
  );
  return stats?.values[0]?.[stats.columns.indexOf('writeReq')];
}

/** Resolves when the sink keeps what was learned of the credentials so far. */
async function kept(sink: BackupSink): Promise<void> {
  await internalsOf(sink)?.ownFiles.idle();
}
