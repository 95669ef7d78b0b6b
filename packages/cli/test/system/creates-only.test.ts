import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BackupSink } from '@ceres/backup-sink';
import { decodeFile } from '@ceres/lineproto';
import { parseKey, readObject } from '@ceres/storage';
import { GcsStorage } from '@ceres/storage-gcs';
import { FakeGcs, gcsRoles } from '@ceres/testkit';
import { expect, it, onTestFinished } from 'vitest';

const databases = ['db_0', 'db_1', 'db 2'];

it('a whole backup run sends Google nothing but creates, and needs no other permission', async () => {
  const fake = await FakeGcs.start({ permissions: gcsRoles.objectCreator });
  onTestFinished(() => fake.close());
  const spoolDir = await mkdtemp(join(tmpdir(), 'ceres-creates-only-'));
  onTestFinished(() => rm(spoolDir, { recursive: true }));
  const storage = new GcsStorage({ bucket: 'test-bucket', apiEndpoint: fake.url });

  // Two runs that meet what goes wrong in a year: an outage, a lost reply, a throttle, a restart.
  fake.inject({ kind: 'status', status: 503, times: 2 });
  fake.inject({ kind: 'lose-reply' });
  fake.inject({ kind: 'status', status: 429 });
  for (const run of [1, 2]) {
    const sink = await BackupSink.open({ storage, spoolDir, precision: 's' });
    for (const database of databases) {
      const lines = `cpu,run=${run} value=1 1700000000\ncpu,run=${run} value=2 1700000001\n`;
      await sink.write({ instance: 'influxdb-0', database }, { lines, precision: 's' });
    }
    await sink.flush();
    expect(await sink.close()).toEqual({ unstoredFiles: 0 });
  }

  expect(new Set(fake.log.map(({ method }) => method))).toEqual(new Set(['objects.create']));
  expect(fake.log.every(({ query }) => query.ifGenerationMatch === '0' && query.uploadType === 'multipart')).toBe(true);
  expect(fake.log.every(({ metadata }) => metadata?.md5Hash !== undefined)).toBe(true);
  expect(fake.log.length).toBeGreaterThanOrEqual(2 * databases.length + 4);

  const heartbeats = fake.log.filter(({ object }) => object?.startsWith('~heartbeat/'));
  expect(heartbeats.length).toBeGreaterThanOrEqual(2); // among the creates: at least the last of each run

  // It was a backup: with the right to read, every line is there.
  fake.grant(gcsRoles.objectViewer);
  const found: string[] = [];
  for await (const { key } of storage.list('influxdb-0/')) {
    const file = decodeFile(readObject(storage, key), { batchBytesMax: 1e6, batchLinesMax: 1000 });
    let lines = 0;
    for await (const batch of file) lines += batch.lines;
    found.push(`${parseKey(key)?.database}: ${lines} lines, ${(await file.integrity).status}`);
  }
  const expected = databases.flatMap((database) => Array(2).fill(`${database}: 2 lines, sealed`));
  expect(found.sort()).toEqual(expected.sort());
  expect((await readdir(spoolDir, { recursive: true })).filter((name) => /\.(lp|gz)/.test(name))).toEqual([]);
});
