import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Influxd, influxdAvailable, mountDisk, mountObstacle, query, randomFrom, writeRaw } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RestoreOptions } from '../../src/options/restore';
import { planRestore } from '../../src/plan/plan';
import { previewRestore } from '../../src/preview';
import { type BackupFile, backupOf } from '../support/backup';
import { startMs, startS } from '../support/ground';
import { NativeGround } from '../support/native';
import { contentOf, nativeOf } from '../support/native-content';
import { startSnapshotRelay } from '../support/snapshot-relay';

const KIB = 1024;
const VALUES = 8_000;
const random = randomFrom(19);
/** Two shards of about 64 KiB: random floats do not become smaller. */
const files: readonly BackupFile[] = [0, 604_800].map((later, n) => ({
  database: 'db',
  openedMs: startMs + n,
  lines: Array.from({ length: VALUES }, (_, i) => `m,t=${i % 5} v=${random()} ${startS + later + i}\n`).join(''),
}));
/** Time that passes fifty times as fast, so that no test waits for the end of a patience. */
const hasty: NonNullable<RestoreOptions['clock']> = {
  now: () => Date.now() * 50,
  sleep: (ms, signal) => delay(ms / 50, undefined, signal && { signal }),
};

async function databasesOf(server: Influxd): Promise<unknown[]> {
  return (await query(server.url, '', 'SHOW DATABASES')).flatMap(({ values }) => values.flat());
}

async function valuesOf(server: Influxd): Promise<number> {
  const content = await contentOf(server);
  return [...content.keys()].filter((key) => key.startsWith('db.autogen m,t=')).length;
}

describe.skipIf(!(await influxdAvailable()))('a native restore', async () => {
  const ground = new NativeGround();

  it('sends a shard again, under another name, when the server dies in the middle of it and comes back', async () => {
    const server = await ground.start();
    const relay = await startSnapshotRelay(server.rpcPort, async (upload) => {
      if (upload > 1) return undefined;
      setTimeout(() => void server.kill().then(() => server.restart()), 50);
      return 8 * KIB;
    });
    onTestFinished(() => relay.close());
    const { report } = await ground.restore(server, files, { native: { url: relay.url }, clock: hasty });
    expect(report).toMatchObject({ lines: 2 * VALUES, rejected: 0 });
    expect(relay.uploads).toBeGreaterThan(2);
    expect(await valuesOf(server)).toBe(2 * VALUES);
    await server.restart();
    expect(await valuesOf(server)).toBe(2 * VALUES);
  });

  it('of a plan with nothing in it changes nothing, and says so', async () => {
    const server = await ground.start();
    await expect(ground.restore(server, [])).rejects.toMatchObject({ code: 'NO_FILES' });
    expect(await databasesOf(server)).not.toContain('db');
  });
});

const obstacle = (await influxdAvailable()) ? await mountObstacle('tmpfs') : 'no influxd';
describe.skipIf(obstacle !== undefined)(
  `a native restore on a full disk${obstacle ? ` (skipped: ${obstacle})` : ''}`,
  async () => {
    const ground = new NativeGround();

    it('refuses to start where its scratch folder has too little room, and changes nothing', async () => {
      const disk = await mountDisk({ kind: 'tmpfs', sizeBytes: 48 * KIB });
      onTestFinished(() => disk.remove());
      const server = await ground.start();
      const refused = ground.restore(server, files, { scratchDir: disk.path });
      await expect(refused).rejects.toMatchObject({
        code: 'SCRATCH_FULL',
        message: expect.stringMatching(/needs about \d+ bytes, and has \d+\. Nothing was changed.*--scratch-dir/s),
      });
      expect(await databasesOf(server)).not.toContain('db');
      expect(await readdir(disk.path)).toEqual([]);
    });

    it('counts the largest shard of the server among what the scratch folder must hold, where it is read', async () => {
      const server = await ground.start();
      await query(server.url, '', 'CREATE DATABASE db');
      const lines = Array.from({ length: VALUES }, (_, i) => `m,t=live v=${random()} ${startS + i}\n`).join('');
      await writeRaw(server.url, 'db', lines, { precision: 's' });
      const plan = await planRestore({
        storage: await backupOf({ database: 'db', openedMs: startMs, lines: `m v=1 ${startS}\n` }),
        instance: 'src',
      });
      const folder = await ground.folder();
      const places = { journalFile: join(folder, 'journal'), rejectsDir: join(folder, 'rejects'), scratchDir: folder };
      const space = async (fill: boolean) => {
        const native = { ...nativeOf(server), fill };
        const options = { to: { url: server.url }, ...places, native };
        return (await previewRestore(plan, fill ? options : { ...options, mapDatabase: { db: 'other' } })).scratchBytes;
      };
      expect(await space(false)).toBeLessThan(4 * KIB);
      expect(await space(true)).toBeGreaterThan(VALUES * 8);
    });

    it('stops when its scratch folder becomes full, leaves nothing there, and goes on with another one', async () => {
      // Each series has a key and a block of its own, of which its line says little.
      const many: BackupFile = {
        database: 'db',
        openedMs: startMs,
        lines: Array.from({ length: 20_000 }, (_, i) => `m,t=${100_000 + i} v=1 ${startS}\n`).join(''),
      };
      const disk = await mountDisk({ kind: 'tmpfs', sizeBytes: 768 * KIB });
      onTestFinished(() => disk.remove());
      const server = await ground.start();
      const folder = await ground.folder();
      const stopped = ground.restore(server, [many], { scratchDir: disk.path }, folder);
      await expect(stopped).rejects.toMatchObject({
        code: 'SCRATCH_FULL',
        message: expect.stringMatching(/ENOSPC.*--scratch-dir/s),
      });
      expect(await readdir(disk.path)).toEqual([]);
      const { report } = await ground.restore(server, [many], {}, folder);
      expect(report).toMatchObject({ lines: 20_000, rejected: 0 });
      expect((await readdir(folder)).filter((name) => name.startsWith('ceres-'))).toEqual([]);
    });

    it('says which shard the server did not take, and loads it once there is room', async () => {
      const disk = await mountDisk({ kind: 'tmpfs', sizeBytes: 96 * KIB * KIB });
      onTestFinished(() => disk.remove());
      const server = await ground.start('inmem', { dir: join(disk.path, 'data'), 'wal-dir': join(disk.path, 'wal') });
      const filler = join(disk.path, 'filler');
      let isFull = true;
      const relay = await startSnapshotRelay(server.rpcPort, async () => {
        if (isFull) await fill(filler); // each time: the server may make room by itself
        return undefined;
      });
      onTestFinished(() => relay.close());
      const folder = await ground.folder();
      const refused = ground.restore(server, files, { native: { url: relay.url }, clock: hasty }, folder);
      await expect(refused).rejects.toMatchObject({
        code: 'NOT_LOADED',
        message: expect.stringMatching(
          /in 'autogen' of 'db' was sent.*log of InfluxDB, and run the same command again/s,
        ),
      });
      isFull = false;
      await rm(filler);
      const { report } = await ground.restore(server, files, { native: { url: relay.url } }, folder);
      expect(report).toMatchObject({ lines: 2 * VALUES, rejected: 0 });
      expect(await valuesOf(server)).toBe(2 * VALUES);
    });
  },
);

/** Takes all the room of a disk. */
async function fill(path: string): Promise<void> {
  for (const sizeBytes of [1024 * KIB, 64 * KIB, 4 * KIB]) {
    for (;;) {
      const isFull = await writeFile(path, Buffer.alloc(sizeBytes), { flag: 'a' }).then(
        () => false,
        () => true,
      );
      if (isFull) break;
    }
  }
}
