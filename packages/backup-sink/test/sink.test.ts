import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { MemoryStorage, parseKey } from '@ceres/storage';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BackupSink } from '../src/sink';

let spoolDir: string;
beforeEach(async () => {
  spoolDir = await mkdtemp(join(tmpdir(), 'ceres-sink-'));
});
afterEach(async () => {
  await rm(spoolDir, { recursive: true, force: true });
});

const to = { instance: 'influxdb-0', database: 'db_0', retentionPolicy: 'rp_5d' };

async function textOf(storage: MemoryStorage, key: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of storage.get(key)) chunks.push(chunk);
  return gunzipSync(Buffer.concat(chunks)).toString();
}

it('stores what was written, under the key that operators know', async () => {
  const storage = new MemoryStorage();
  const sink = await BackupSink.open({ storage, spoolDir, precision: 's', heartbeatMs: Infinity });
  const receipt = await sink.write(to, [
    { measurement: 'cpu', tags: { host: 'a' }, fields: { load: 0.5 }, timestamp: 1_700_000_000 },
  ]);
  expect(receipt).toMatchObject({ lines: 1, bytes: 31, quarantined: 0, ack: 'spooled' });
  await sink.write(to, { lines: 'cpu,host=a load=1i 1700000001000\n', precision: 'ms' });
  await receipt.reached('stored');
  expect(await sink.close()).toEqual({ unstoredFiles: 0 });
  const keys: string[] = [];
  for await (const { key } of storage.list('')) keys.push(key);
  expect(keys).toHaveLength(1);
  expect(parseKey(keys[0] ?? '')).toMatchObject(to);
  const text = await textOf(storage, keys[0] ?? '');
  expect(text).toContain('# CERES-SUMMARY: lines=2 bytes=61 first=1700000000 last=1700000001\n');
  expect(text).toContain('\ncpu,host=a load=0.5 1700000000\ncpu,host=a load=1i 1700000001\n# CERES-END: lines=2 ');
});

it('keeps points apart that come without timestamps', async () => {
  const storage = new MemoryStorage();
  const sink = await BackupSink.open({ storage, spoolDir, precision: 'ns', heartbeatMs: Infinity });
  const points = [1, 2, 3].map((v) => ({ measurement: 'cpu', fields: { v } }));
  const receipt = await sink.write(to, points);
  await receipt.reached('stored');
  await sink.close();
  const texts: string[] = [];
  for await (const { key } of storage.list('')) texts.push(await textOf(storage, key));
  expect(texts.join('').match(/^cpu v=\d/gm)).toEqual(['cpu v=1', 'cpu v=2', 'cpu v=3']);
});
