import { createHmac, randomBytes } from 'node:crypto';
import { readdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Influxd, type InfluxdSettings, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { type InfluxServer, InfluxWriter, ping, type WriteOutcome } from '../../src/index';
import { allRows } from '../rows';

const to = { database: 'db', precision: 'ns' } as const;

describe.skipIf(!(await influxdAvailable()))('a server at its limits', () => {
  it.each([
    ['max-series-per-database', 2],
    ['max-values-per-tag', 2],
  ])('drops the new series of a batch that exceeds %s, and says how many', async (setting, limit) => {
    await using({ data: { [setting]: limit } }, async (_, writer) => {
      expect(await write(writer, 'm,t=1 v=1 1\nm,t=2 v=1 1')).toEqual({ kind: 'stored' });
      const lines = 'm,t=1 v=2 2\nm,t=3 v=2 2\nm,t=4 v=2 2';
      expect(await write(writer, lines)).toMatchObject({ kind: 'partly', code: 'LIMIT', dropped: 2 });
    });
  });

  it('is OVERLOADED when its cache is full', async () => {
    await using({ data: { 'cache-max-memory-size': 10 } }, async (_, writer) => {
      expect(await write(writer, 'm v=1 1')).toMatchObject({
        kind: 'retry',
        code: 'OVERLOADED',
        ambiguous: true,
        message: expect.stringContaining('cache-max-memory-size exceeded'),
      });
    });
  });

  it('answers SERVER_FAULT when its disk is full', async () => {
    await using({}, async ({ dataDir }, writer) => {
      expect(await write(writer, 'm v=1 1')).toEqual({ kind: 'stored' });
      const [shard = ''] = await readdir(join(dataDir, 'wal/db/autogen'));
      const nextSegment = join(dataDir, 'wal/db/autogen', shard, '_00002.wal');
      await symlink('/dev/full', nextSegment);
      const outcomes: WriteOutcome[] = [];
      // A segment of the log ends at 10 MB, compressed: random text is not.
      for (let i = 0; i < 16; i += 1) {
        outcomes.push(await write(writer, `m s="${randomBytes(600_000).toString('base64')}" ${i + 2}`));
      }
      expect(outcomes.at(0)).toEqual({ kind: 'stored' });
      expect(outcomes.at(-1)).toEqual({
        kind: 'retry',
        code: 'SERVER_FAULT',
        ambiguous: true,
        message: expect.stringMatching(/^HTTP 500: .*no space left on device/),
      });
    });
  });

  it('is OVERLOADED when too many write at once, and has then stored nothing', async () => {
    const http = { 'max-concurrent-write-limit': 1, 'max-enqueued-write-limit': 1, 'enqueued-write-timeout': 1 };
    await using({ http }, async (_, writer) => {
      const lines = Array.from({ length: 20_000 }, (_, i) => `m,t=${i} v=1 1`).join('\n');
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => write(writer, lines)));
      expect(outcomes).toContainEqual({ kind: 'stored' });
      expect(outcomes).toContainEqual({
        kind: 'retry',
        code: 'OVERLOADED',
        ambiguous: false,
        message: expect.stringContaining('request throttled'),
      });
    });
  });
});

describe.skipIf(!(await influxdAvailable()))('a server with authentication', () => {
  const http = { 'auth-enabled': true, 'shared-secret': 'a secret shared with the server' };

  it('accepts user and password, in the options or in the URL', async () => {
    await using({ http }, async ({ url }) => {
      await createUsers(url);
      const inUrl = url.replace('//', '//writer:p%40ss%3Aword@');
      for (const server of [{ url, username: 'writer', password: 'p@ss:word' }, { url: inUrl }]) {
        await expectStored(server);
        expect(await allRows(server, 'db', 'SELECT v FROM m')).toEqual([['m', '', '1', '1']]);
        expect(await ping(server)).toHaveProperty('version');
      }
    });
  });

  it('accepts a token', async () => {
    await using({ http }, async ({ url }) => {
      await createUsers(url);
      const token = jsonWebToken(
        { username: 'writer', exp: Math.floor(Date.now() / 1000) + 60 },
        http['shared-secret'],
      );
      await expectStored({ url, token });
    });
  });

  it('refuses requests without credentials, wrong passwords, and a user without the permission to write', async () => {
    await using({ http }, async ({ url }) => {
      await createUsers(url);
      for (const credentials of [
        {},
        { username: 'writer', password: 'wrong' },
        { username: 'reader', password: 'reader' },
        { token: 'not.a.token' },
      ]) {
        const writer = new InfluxWriter({ url, ...credentials });
        expect(await write(writer, 'm v=1 1')).toMatchObject({ kind: 'refused', code: 'UNAUTHORIZED' });
        await writer.close();
      }
      await expect(allRows({ url }, 'db', 'SELECT v FROM m')).rejects.toMatchObject({
        code: 'UNAUTHORIZED',
        retryable: false,
      });
    });
  });
});

function write(writer: InfluxWriter, lines: string) {
  return writer.write(Buffer.from(lines), to);
}

async function expectStored(server: InfluxServer): Promise<void> {
  const writer = new InfluxWriter(server);
  expect(await write(writer, 'm v=1 1')).toEqual({ kind: 'stored' });
  await writer.settled();
  await writer.close();
}

/** Runs a test with a server of its own that has the database `db`; with authentication on, `createUsers` creates it. */
async function using(settings: InfluxdSettings, test: (influxd: Influxd, writer: InfluxWriter) => Promise<void>) {
  const influxd = await startInfluxd({ settings });
  const writer = new InfluxWriter({ url: influxd.url });
  try {
    if (settings.http?.['auth-enabled'] !== true) await query(influxd.url, '', 'CREATE DATABASE db');
    await test(influxd, writer);
  } finally {
    await writer.close();
    await influxd.stop();
  }
}

async function createUsers(url: string): Promise<void> {
  await query(url, '', "CREATE USER admin WITH PASSWORD 'admin' WITH ALL PRIVILEGES");
  const asAdmin = url.replace('//', '//admin:admin@');
  await query(asAdmin, '', 'CREATE DATABASE db');
  await query(asAdmin, '', "CREATE USER writer WITH PASSWORD 'p@ss:word'");
  await query(asAdmin, '', 'GRANT ALL ON db TO writer');
  await query(asAdmin, '', "CREATE USER reader WITH PASSWORD 'reader'");
  await query(asAdmin, '', 'GRANT READ ON db TO reader');
}

function jsonWebToken(claims: object, secret: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
