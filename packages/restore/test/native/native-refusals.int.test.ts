import { influxdAvailable, query, writeRaw } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { NativeServer } from '../../src/native/native-server';
import { resolveNative } from '../../src/native/options';
import type { ServerConnection } from '../../src/server/connection';
import type { BackupFile } from '../support/backup';
import { numbered, startMs, startS } from '../support/ground';
import { NativeGround } from '../support/native';
import { contentOf, nativeOf } from '../support/native-content';

const file: BackupFile = { database: 'db', openedMs: startMs, lines: numbered(10) };
const code = (expected: string) => expect.objectContaining({ code: expected });
const HOUR_S = 3_600;

describe('a native restore is refused', () => {
  it('on another machine, unless an option says that this is meant', () => {
    for (const url of ['tcp://10.0.0.1:8088', 'tcp://influx:8088', 'tcp://[2001:db8::1]:8088']) {
      expect(() => resolveNative({ url }), url).toThrow(
        /is not on this machine.*kubectl port-forward.*--allow-remote/s,
      );
      expect(resolveNative({ url, allowRemote: true })?.url).toBe(url);
    }
    expect(() => resolveNative({ url: 'http://127.0.0.1:8086' })).toThrow(code('INVALID_OPTIONS'));
    expect(() => resolveNative({ url: 'tcp://127.0.0.1', full: true } as object as { url: string })).toThrow(
      /no option `full`/,
    );
    expect(() => resolveNative({ url: 'tcp://127.0.0.1', memoryBytes: 1 })).toThrow(code('INVALID_OPTIONS'));
  });

  it('by a server of a version on which it was not tried', async () => {
    const settings = { url: 'tcp://127.0.0.1:1', scratchDir: '/tmp', signal: undefined };
    for (const version of ['1.5.4', '1.13.0', '1.60.0', '1.1']) {
      const connection = { version, url: 'http://x' } as ServerConnection;
      await expect(NativeServer.open(connection, settings), version).rejects.toThrow(
        `The server http://x is version ${version}, and shards can only be loaded into InfluxDB 1.6 to 1.12`,
      );
    }
    for (const version of ['1.6.7~rc0', '1.7.11', '1.8.10', '1.9.0', '1.10.0', '1.11.8', '1.12.4', '1.12']) {
      const connection = { version, url: 'http://x' } as ServerConnection;
      // Nothing listens there: the version was let through.
      await expect(NativeServer.open(connection, settings), version).rejects.toThrow(code('SNAPSHOT_SERVICE'));
    }
  });
});

describe.skipIf(!(await influxdAvailable()))('a native restore is refused, before anything is changed,', async () => {
  const ground = new NativeGround();
  const server = await ground.start();

  it('by a database that holds points, with both ways out', async () => {
    await query(server.url, '', 'CREATE DATABASE holds');
    await writeRaw(server.url, 'holds', 'm v=1');
    const refused = ground.restore(server, [{ ...file, database: 'holds' }]);
    await expect(refused).rejects.toThrow(code('SERVER_NOT_EMPTY'));
    await expect(refused).rejects.toThrow(/native\.fill \(--fill\).*backup must win, leave native \(--native\) out/s);
    const both = ground.restore(server, [{ ...file, database: 'holds' }], { intoExisting: true });
    await expect(both).rejects.toThrow(/never replaces a value/);
  });

  it('if the two ports belong to two servers', async () => {
    const other = await ground.start();
    const crossed = ground.restore(server, [file], { native: nativeOf(other) });
    await expect(crossed).rejects.toThrow(/are not one server: only the (?:first|second) has/);
    for (const one of [server, other]) {
      expect((await query(one.url, '', 'SHOW DATABASES')).flatMap(({ values }) => values.flat())).not.toContain('db');
    }
  });

  it('if the port is closed, or is of another service', async () => {
    const closed = ground.restore(server, [file], { native: { url: 'tcp://127.0.0.1:1' } });
    await expect(closed).rejects.toThrow(/ECONNREFUSED.*bind-address.*Then run the same command again/s);
    const http = ground.restore(server, [file], { native: { url: `tcp://127.0.0.1:${server.httpPort}` } });
    await expect(http).rejects.toThrow(/is not the snapshot service of an InfluxDB/);
    expect((await query(server.url, '', 'SHOW DATABASES')).flatMap(({ values }) => values.flat())).not.toContain('db');
  });

  it('by a limit of the server that does not hold for shards that are loaded', async () => {
    const series = Array.from({ length: 6 }, (_, i) => `m,t=${i} v=1 ${startS}\n`).join('');
    for (const limit of ['max-series-per-database', 'max-values-per-tag']) {
      const limited = await ground.start('inmem', { [limit]: 5 });
      const refused = ground.restore(limited, [{ ...file, lines: series }]);
      await expect(refused, limit).rejects.toThrow(
        new RegExp(`\`${limit}\` of 5.*Raise it.*run the same command again`, 's'),
      );
      expect((await contentOf(limited)).size).toBe(0);
      expect(
        (
          await ground.restore(limited, [
            {
              ...file,
              lines: series
                .split('\n')
                .slice(0, 5)
                .map((line) => `${line}\n`)
                .join(''),
            },
          ])
        ).report.lines,
      ).toBe(5);
    }
  });

  it('by shards that are longer or shorter than new ones', async () => {
    await query(server.url, '', 'CREATE DATABASE cut WITH DURATION INF SHARD DURATION 1h');
    await writeRaw(server.url, 'cut', `m,t=a v=1 ${startS}`, { precision: 's' });
    await query(server.url, 'cut', 'DROP SERIES FROM m');
    await query(server.url, '', 'ALTER RETENTION POLICY autogen ON cut SHARD DURATION 1d');
    const refused = ground.restore(server, [{ ...file, database: 'cut' }]);
    await expect(refused).rejects.toThrow(/has shards from when its shard duration was another one.*without native/s);
  });
});

describe.skipIf(!(await influxdAvailable()))(
  'a native restore into a policy that is shorter than the backup',
  async () => {
    const ground = new NativeGround();

    it('counts what would have expired, and does not load it', async () => {
      const server = await ground.start();
      const now = Math.floor(Date.now() / 1_000);
      const times = [now - 200 * HOUR_S, now - 50 * HOUR_S, now - 20 * HOUR_S, now - 30];
      const lines = times.map((time, i) => `m v=${i}i ${time}\n`).join('');
      const policy = { duration: '48h', shardDuration: '1d' };
      const short: BackupFile = { ...file, retentionPolicy: 'short', openedMs: now * 1_000, header: { policy }, lines };
      const { report } = await ground.restore(server, [short]);
      expect(report).toMatchObject({ lines: 2, expired: 2, rejected: 0 });
      const rows = (await query(server.url, 'db', 'SELECT v FROM short.m')).flatMap(({ values }) => values);
      expect(rows.map(([, value]) => value)).toEqual([2, 3]);
    });
  },
);

describe.skipIf(!(await influxdAvailable()))(
  'a native restore with the ports of two servers that have the same empty databases',
  async () => {
    const ground = new NativeGround();

    it('stops once the first points show it, loads nothing into the other one, and goes on with the right one', async () => {
      const [one, other] = [await ground.start(), await ground.start()];
      for (const { url } of [one, other]) await query(url, '', 'CREATE DATABASE db');
      const folder = await ground.folder();
      const crossed = ground.restore(one, [file], { native: nativeOf(other) }, folder);
      await expect(crossed).rejects.toThrow(
        /are not one server: only the first has shard 1 of "autogen" in "db" from \S+Z to \S+Z\. Check both addresses, and the port-forward\. Then run the same command again/,
      );
      expect((await contentOf(other)).size).toBe(0);
      expect((await ground.restore(one, [file], {}, folder)).report.lines).toBe(10);
      expect((await contentOf(one)).size).toBe(10);
    });
  },
);
