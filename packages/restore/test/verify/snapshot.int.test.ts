import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findInfluxBinaries, query, startInfluxd, writeRaw } from '@ceres/testkit';
import { expect, it } from 'vitest';
import type { VerifyOptions } from '../../src/options/verify';
import type { ServerConnection } from '../../src/server/connection';
import { openStored } from '../../src/verify/stored/open-stored';
import { verify } from '../../src/verify/verify';
import { backupOf } from '../support/backup';
import { describeOnInfluxd, numbered, startMs } from '../support/ground';
import { nativeOf } from '../support/native-content';
import { startReadRelay } from '../support/read-relay';

const run = promisify(execFile);
const fault = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) });

describeOnInfluxd('verify through a snapshot', (ground) => {
  /** Puts 500 points into the database and into a backup of it. */
  const prepared = async (): Promise<Extract<VerifyOptions, { level: 'content' }> & { to: { url: string } }> => {
    const lines = numbered(500);
    await query(ground.influxd.url, '', `CREATE DATABASE "${ground.database}"`);
    await writeRaw(ground.influxd.url, ground.database, lines, { precision: 's' });
    const storage = await backupOf({ database: ground.database, openedMs: startMs, lines });
    return { storage, instance: 'src', to: { url: ground.influxd.url }, level: 'content', snapshot: '' };
  };

  it('refuses a service that does not answer, and says what to do', async () => {
    const refused = verify({ ...(await prepared()), snapshot: 'tcp://127.0.0.1:1' });
    await expect(refused).rejects.toMatchObject(
      fault('SNAPSHOT_SERVICE', /ECONNREFUSED.*Nothing was written.*--snapshot/s),
    );
  });

  it('refuses the service of another server', async () => {
    const other = await startInfluxd();
    try {
      const refused = verify({ ...(await prepared()), snapshot: nativeOf(other).url });
      await expect(refused).rejects.toMatchObject(
        fault('SNAPSHOT_SERVICE', /are not one server: only the (?:first|second) has/),
      );
    } finally {
      await other.stop();
    }
  });

  it('refuses a server of a version whose storage is not known', async () => {
    for (const version of ['1.5.4', '1.13.0']) {
      const connection = { version, url: 'http://x' } as ServerConnection;
      const server = { connection, to: { url: 'http://x' } };
      const opened = openStored({ snapshot: 'tcp://127.0.0.1:1', server, scratchDir: '/tmp', signal: undefined });
      await expect(opened).rejects.toMatchObject(fault('SERVER_UNSUPPORTED', /1\.6 to 1\.12.*--snapshot/));
    }
  });

  it.each([
    ['in mid-stream', (archive: Buffer) => archive.subarray(0, archive.length / 2)],
    ['before the blocks of zeros that end it, with all files whole', (archive: Buffer) => archive.subarray(0, -1_024)],
  ])('refuses an archive that ends %s', async (_, cut) => {
    const relay = await startReadRelay(ground.influxd.rpcPort, cut);
    try {
      const refused = verify({ ...(await prepared()), snapshot: relay.url });
      await expect(refused).rejects.toMatchObject(fault('SNAPSHOT_SERVICE', /ends|cut/));
    } finally {
      relay.close();
    }
  });

  it('asks again where another snapshot is being taken, and the server sends nothing', async () => {
    let requests = 0;
    const relay = await startReadRelay(ground.influxd.rpcPort, (archive, asked) => {
      requests = asked;
      return asked === 1 ? archive.subarray(0, 0) : archive;
    });
    try {
      expect(await verify({ ...(await prepared()), snapshot: relay.url })).toMatchObject({
        outcome: 'EQUAL',
        points: 500,
      });
      expect(requests).toBe(2);
    } finally {
      relay.close();
    }
  });

  it('reads the newest points over HTTP before it calls them different, since a snapshot may lack what is in memory', async () => {
    const options = await prepared();
    const nowS = Math.floor(Date.now() / 1_000);
    const { influxd, database } = ground;
    const write = async (line: string) => await writeRaw(influxd.url, database, line, { precision: 's' });
    await write(`m,t=new v=1 ${nowS}`);
    const stale = new Map<number, Uint8Array>();
    const relay = await startReadRelay(influxd.rpcPort, (archive, asked) => {
      if (asked <= 2) stale.set(asked, archive);
      return stale.get(((asked - 1) % 2) + 1) ?? archive;
    });
    try {
      await verify({ ...options, snapshot: relay.url });
      await write(`m,t=new v=2,w=1 ${nowS}\nm,t=newer v=3 ${nowS}`);
      const all = [
        { database, openedMs: startMs, lines: numbered(500) },
        { database, openedMs: startMs + 1, lines: `m,t=new v=2,w=1 ${nowS}\nm,t=newer v=3 ${nowS}\n` },
      ];
      const equal = { ...options, storage: await backupOf(...all), snapshot: relay.url };
      expect(await verify(equal)).toMatchObject({ outcome: 'EQUAL', points: 502 });
      await write(`m,t=newer v=4 ${nowS}`);
      expect(await verify({ ...equal, points: 9 })).toMatchObject({
        outcome: 'NOT EQUAL',
        differingPoints: [{ tags: { t: 'newer' }, inBackup: 3, inDatabase: 4 }],
      });
    } finally {
      relay.close();
    }
  });

  it('of a portable folder needs no server, and refuses one that the folder is not of', async () => {
    const { to, ...options } = await prepared();
    const snapshot = join(ground.workspace.folder, 'portable');
    const { influxd } = await findInfluxBinaries();
    const from = ['-host', `127.0.0.1:${ground.influxd.rpcPort}`, '-db', ground.database];
    await run(influxd, ['backup', '-portable', ...from, snapshot]);
    await query(to.url, ground.database, `DELETE FROM m WHERE time < ${startMs + 3_000}000000`);
    expect(await verify({ ...options, snapshot })).toMatchObject({ outcome: 'EQUAL', points: 500 });
    expect(await verify({ ...options, to, snapshot })).toMatchObject({ outcome: 'EQUAL' });
    await query(to.url, '', `DROP DATABASE "${ground.database}"`);
    await expect(verify({ ...options, to, snapshot })).rejects.toMatchObject(
      fault('SNAPSHOT_SERVICE', /is not of the server/),
    );
  });

  it('of the data directory of a server that is killed reads what is only in its WAL', async () => {
    const server = await startInfluxd();
    try {
      await query(server.url, '', 'CREATE DATABASE db');
      await writeRaw(server.url, 'db', numbered(500), { precision: 's' });
      await server.kill();
      const storage = await backupOf({ database: 'db', openedMs: startMs, lines: numbered(500) });
      const options = { storage, instance: 'src', level: 'content', snapshot: server.dataDir } as const;
      expect(await verify(options)).toMatchObject({ outcome: 'EQUAL', points: 500 });
      const other = {
        ...options,
        storage: await backupOf({ database: 'db', openedMs: startMs, lines: numbered(501) }),
      };
      expect(await verify({ ...other, points: 5 })).toMatchObject({
        outcome: 'NOT EQUAL',
        differingPoints: [{ field: 'v', inBackup: 500, inDatabase: undefined }],
      });
    } finally {
      await server.stop();
    }
  });

  it('gives the same with one thread and with several', async () => {
    const options = { ...(await prepared()), snapshot: nativeOf(ground.influxd).url };
    const one = await verify({ ...options, threads: 1 });
    expect(await verify({ ...options, threads: 4 })).toEqual(one);
  });

  it('refuses options that contradict each other', async () => {
    const { to, ...options } = await prepared();
    const refusals: readonly (readonly [object, RegExp])[] = [
      [{ ...options, to, snapshot: 'tcp://127.0.0.1:8088', level: 'counts' }, /`level`.*'content' with `snapshot`/],
      [{ ...options, to, snapshot: 'http://127.0.0.1:8088' }, /`snapshot`.*tcp:\/\/127\.0\.0\.1:8088/],
      [{ ...options, snapshot: 'tcp://127.0.0.1:8088' }, /`to`/],
    ];
    for (const [wrong, message] of refusals) {
      await expect(verify(wrong as VerifyOptions)).rejects.toMatchObject(fault('INVALID_OPTIONS', message));
    }
  });
});
