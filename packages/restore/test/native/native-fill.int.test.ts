import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { influxdAvailable, query, writeRaw } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import type { BackupFile } from '../support/backup';
import { COMPACTS_AT_ONCE, compacted } from '../support/compacted';
import { numbered, startMs, startS } from '../support/ground';
import { NativeGround } from '../support/native';
import { contentOf, nativeOf } from '../support/native-content';

const fileOf = (lines: string, more: Partial<BackupFile> = {}): BackupFile => ({
  database: 'db',
  openedMs: startMs,
  lines,
  ...more,
});
const rowsOf = async (url: string, q: string) =>
  (await query(url, 'db', q)).flatMap(({ values }) => values.map(([, ...row]) => row));

describe.skipIf(!(await influxdAvailable())).each(['inmem', 'tsi1'] as const)(
  'a native restore (%s)',
  async (index) => {
    const ground = new NativeGround();

    it('fills in what is missing in a database that holds points, and changes no value', async () => {
      const server = await ground.start(index);
      await query(server.url, '', 'CREATE DATABASE db');
      const live = `cpu,h=a v=1,n=1i ${startS}\ncpu,h=a v=2 ${startS + 1}\ncpu,h=b s="live" ${startS}\n`;
      await writeRaw(server.url, 'db', live, { precision: 's' });
      const before = await contentOf(server); // now the live points are in a file
      await writeRaw(server.url, 'db', `cpu,h=a v=3 ${startS + 2}\n`, { precision: 's' });
      const backup = [
        `cpu,h=a v=10,n=10i ${startS}\ncpu,h=a v=20,n=20i ${startS + 1}\ncpu,h=a v=30 ${startS + 2}\ncpu,h=a v=40 ${startS + 3}\n`,
        // Other types than the live ones: the whole point is rejected. Its other field is not.
        `cpu,h=c s=5,v=5 ${startS}\ncpu,h=c n=5,v=6 ${startS + 1}\ncpu,h=c v=7 ${startS + 2}\n`,
        `mem,h=a new="x",other=t ${startS}\ncpu,h=a fresh=1i ${startS}\n`,
        // A spelling of `od=d` under which InfluxDB would find no claim to drop.
        `od\\=d,h=a v=1 ${startS}\n`,
      ].join('');
      const { report, rejected } = await ground.restore(server, [fileOf(backup)], {
        native: { ...nativeOf(server), fill: true },
      });
      expect(report).toMatchObject({ rejected: 2, lines: 8 });
      expect(
        Object.values(rejected)
          .join('')
          .match(/code=TYPE_CONFLICT/g),
      ).toHaveLength(2);
      expect(report.typeConflicts).toEqual([
        'db.autogen.cpu.n: the backup has float, the shard integer',
        'db.autogen.cpu.s: the backup has float, the shard string',
      ]);
      const check = async () => {
        const after = await contentOf(server);
        for (const [key, value] of before) expect(after.get(key), key).toBe(value);
        expect(await rowsOf(server.url, "SELECT v, n, fresh FROM cpu WHERE h = 'a'")).toEqual([
          [1, 1, 1],
          [2, 20, null],
          [3, null, null],
          [40, null, null],
        ]);
        expect(await rowsOf(server.url, "SELECT v, s FROM cpu WHERE h = 'c'")).toEqual([[7, null]]);
        expect(await rowsOf(server.url, 'SELECT new, other FROM mem')).toEqual([['x', true]]);
        expect((await query(server.url, 'db', 'SHOW SERIES')).flatMap(({ values }) => values.flat())).toEqual([
          'cpu,h=a',
          'cpu,h=b',
          'cpu,h=c',
          'mem,h=a',
          'od\\=d,h=a',
        ]);
        expect([...(await contentOf(server)).keys()].filter((key) => key.includes('ceres_claim'))).toEqual([]);
      };
      await check();
      await server.restart();
      await check();
      await server.restart({ data: { 'index-version': index, ...COMPACTS_AT_ONCE } });
      await compacted(join(server.dataDir, 'data', 'db', 'autogen'));
      await check();
      await server.restart({ data: { 'index-version': index } });
      await check();
      // Once more: everything is there, and nothing is sent.
      const again = await ground.restore(server, [fileOf(backup)], { native: { ...nativeOf(server), fill: true } });
      expect(again.report).toMatchObject({ rejected: 2, lines: 8 });
      await check();
    });

    it('rejects what conflicts with types that an empty database remembers', async () => {
      const server = await ground.start(index);
      await query(server.url, '', 'CREATE DATABASE db');
      await writeRaw(server.url, 'db', `m,t=a v="text",w=1i ${startS}\n`, { precision: 's' });
      await query(server.url, 'db', 'DROP SERIES FROM m');
      const lines = `m v=1,u=1 ${startS}\nm w=2i,u=2 ${startS + 1}\nm v="x" ${startS + 2}\nk v=3 ${startS}\n`;
      const { report, rejected } = await ground.restore(server, [fileOf(lines)]);
      expect(report).toMatchObject({ lines: 3, rejected: 1, files: 1 });
      expect(Object.values(rejected)).toEqual([
        `# CERES-REASON: code=TYPE_CONFLICT bytes=${`m v=1,u=1 ${startS}`.length}\nm v=1,u=1 ${startS}\n`,
      ]);
      expect(await rowsOf(server.url, 'SELECT u, v, w FROM m')).toEqual([
        [2, null, 2],
        [null, 'x', null],
      ]);
      expect(await rowsOf(server.url, 'SELECT v FROM k')).toEqual([[3]]);
    });
  },
);

describe.skipIf(!(await influxdAvailable()))('a native restore that reads a damaged shard', async () => {
  const ground = new NativeGround();

  it('names the damaged block of a shard that it reads, says that only another way may help, and changes nothing', async () => {
    const server = await ground.start();
    const file = fileOf(numbered(100), { database: 'torn' });
    await ground.restore(server, [file]);
    await server.kill();
    const folder = join(server.dataDir, 'data', 'torn', 'autogen');
    const [name = ''] = (await readdir(folder, { recursive: true })).filter((one) => one.endsWith('.tsm'));
    const bytes = await readFile(join(folder, name));
    bytes[60] = (bytes[60] as number) ^ 0x40;
    await writeFile(join(folder, name), bytes);
    await server.restart();
    const refused = ground.restore(server, [file], { native: { ...nativeOf(server), fill: true } });
    await expect(refused).rejects.toThrow(
      /is damaged\. torn\/autogen\/\d+\/\S+\.tsm, key "\S+", block 1 of 1, times \d+ to \d+: The checksum.*same command again.*this file of the server is damaged: run the command without the service \(--native/s,
    );
    expect(await readFile(join(folder, name))).toEqual(bytes);
  });
});
