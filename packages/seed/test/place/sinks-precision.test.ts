import { Readable } from 'node:stream';
import { systemClock } from '@ceres/internal';
import { encodeFile } from '@ceres/lineproto';
import { formatKey, MemoryStorage } from '@ceres/storage';
import { expect, it } from 'vitest';
import { uuid } from '../../../storage/test/ledger/bucket';
import type { ResolvedSeed } from '../../src/options';
import { sinksPrecision } from '../../src/place/sinks-precision';
import type { SeedPlan } from '../../src/plan';

const partition = { instance: 'influxdb-0', database: 'db', retentionPolicy: 'keep' };
const openedMs = Date.UTC(2026, 10, 26, 12);

async function put(storage: MemoryStorage, atMs: number, bytes: Uint8Array): Promise<void> {
  const open = async function* () {
    yield bytes;
  };
  await storage.put(formatKey({ ...partition, day: '20261126', id: uuid(atMs).replace('-8000-', '-9000-') }), {
    sizeBytes: bytes.length,
    open,
  });
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

it('a seed takes the precision of the first file of a sink whose header can be read', async () => {
  const storage = new MemoryStorage();
  const header = { database: 'db', retentionPolicy: 'keep', formatVersion: 1, precision: 's' } as const;
  await put(storage, openedMs, Buffer.from('no gzip at all'));
  await put(
    storage,
    openedMs + 1,
    await bytesOf(encodeFile(header, Readable.from([Buffer.from('m v=1 1795000000\n')]))),
  );

  const plan = { shards: [partition] } as unknown as SeedPlan;
  const { instance } = partition;
  const settings = { storage, instance, clock: systemClock, signal: undefined } as unknown as ResolvedSeed;
  expect(await sinksPrecision(plan, settings)).toBe('s');
});
