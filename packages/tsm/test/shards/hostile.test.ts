import { growingTexts, superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { parseManifest } from '../../src/containers/portable/manifest';
import { TsmError } from '../../src/errors';
import { bytesSource } from '../../src/files/byte-source';
import { PointLines } from '../../src/lines/point-lines';
import { checkMeta } from '../../src/meta/check-meta';
import { decodeMeta, portableMetaData } from '../../src/meta/decode-meta';
import { encodeMeta } from '../../src/meta/encode-meta';
import type { ShardFiles } from '../../src/shards/contract';
import { openShard } from '../../src/shards/open-shard';
import { columnOf, type TestPoint } from '../columns';
import { fileOfBlocks, keyOf, type TestField, tsmBytes } from '../files/memory-file';
import { walDelete, walDeleteRange, walWrite } from './wal-bytes';

const key = keyOf('m', 'v');

/** Returns a WAL of about this size: entries for one number after another. */
function walOf(sizeBytes: number, entriesOf: (n: bigint) => readonly Uint8Array[]): ShardFiles {
  const entries: Uint8Array[] = [];
  for (let n = 0n; n < sizeBytes / 80; n += 1n) entries.push(...entriesOf(n));
  return { files: [], wal: [bytesSource('wal', Buffer.concat(entries))] };
}

/** Returns files of about 100 bytes, each with one point. */
function filesOf(sizeBytes: number, keyAt: (n: number) => Uint8Array): ShardFiles {
  const file = (n: number) => bytesSource(String(n), fileOfBlocks(keyAt(n), [[[BigInt(n), 1]]]));
  const count = Math.floor(sizeBytes / 100);
  return { files: Array.from({ length: count }, (_, n) => ({ name: `${n + 1}-1.tsm`, source: file(n) })) };
}

const shards: Readonly<Record<string, (sizeBytes: number) => ShardFiles>> = {
  'a WAL that deletes between points that are out of order': (sizeBytes) =>
    walOf(sizeBytes, (n) => [walWrite(['m', 'v', 'float', [[-n, 1]]]), walDeleteRange(n, n, key)]),
  'a WAL that deletes every point again and again': (sizeBytes) =>
    walOf(sizeBytes, (n) => [walWrite(['m', 'v', 'float', [[-n, 1]]]), walDeleteRange(-n, 0n, key)]),
  'a WAL that deletes the whole key between points': (sizeBytes) =>
    walOf(sizeBytes, (n) => [walWrite(['m', 'v', 'float', [[n, 1]]]), walDelete(key)]),
  'many files with one key': (sizeBytes) => filesOf(sizeBytes, () => key),
  'many files with a key each': (sizeBytes) => filesOf(sizeBytes, (n) => keyOf('m', `v${n}`)),
  'blocks of one key, each of which lies before the last': (sizeBytes) => {
    const blocks = Array.from({ length: Math.floor(sizeBytes / 55) }, (_, n) => [[BigInt(-n), n]] as const);
    return { files: [{ name: '1-1.tsm', source: bytesSource('file', fileOfBlocks(key, blocks)) }] };
  },
};

async function readAll(files: ShardFiles): Promise<void> {
  const shard = await openShard(files);
  for await (const _ of shard.columns());
  await shard.close();
}

/** Returns a file with one series of many fields, each of them at other times. */
async function manyFields(sizeBytes: number, pointsAt: (n: number) => readonly TestPoint[]): Promise<ShardFiles> {
  const fields = Array.from({ length: Math.ceil(sizeBytes / 50) }, (_, n): TestField => {
    return ['m', `f${n}`, columnOf('float', pointsAt(n))];
  });
  return { files: [{ name: '1-1.tsm', source: bytesSource('file', await tsmBytes(fields)) }] };
}

const fieldsAtTimes: Readonly<Record<string, (n: number) => readonly TestPoint[]>> = {
  'a time of its own': (n) => [[BigInt(n), n]],
  'two times, between those of others': (n) => [
    [BigInt(n), n],
    [BigInt(1_000_000 + n), n],
  ],
  'one time with all others': (n) => [[0n, n]],
};

async function refusable(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
  }
}

/** What repeats in metadata: numbers and messages that no one asks for, and numbers that are asked for. */
const metaUnits = ['\0', '\b\x01', '\x82\x01\0', '\xff', 'J\0'];
const metadata: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  decodeMeta: (bytes) => checkMeta(decodeMeta(bytes)),
  portableMetaData: (bytes) => portableMetaData(bytes),
};

const entries = ['null', '{}', '1', '[]', '{"database":"d","policy":"p","shardID":1,"size":1,"fileName":"f"}'];

describe('The time for a shard that someone hostile made', { timeout: 120_000 }, () => {
  it.each(Object.entries(shards))('grows with its size and no faster: %s', async (name, filesOf) => {
    const prepare = (sizeBytes: number) => {
      const files = filesOf(sizeBytes);
      return () => readAll(files);
    };
    expect(await superlinear([{ name, prepare }])).toEqual([]);
  });

  it.each(Object.entries(fieldsAtTimes))('grows with the fields of a series that have %s', async (name, pointsAt) => {
    const made = new Map<number, ShardFiles>();
    for (const size of [1_000, 10_000, 100_000, 1_000_000]) made.set(size, await manyFields(size, pointsAt));
    const prepare = (sizeBytes: number) => async () => {
      const shard = await openShard(made.get(sizeBytes) as ShardFiles);
      const lines = new PointLines();
      for await (const batch of shard.points()) lines.encode(batch);
      await shard.close();
    };
    expect(await superlinear([{ name, prepare }])).toEqual([]);
  });

  it.each(Object.entries(metadata))('grows with the size of its metadata and no faster: %s', async (_, read) => {
    const work = growingTexts(metaUnits, (text) => refusable(() => read(Buffer.from(text, 'latin1'))));
    expect(await superlinear(work)).toEqual([]);
  });

  it('grows with the number of its databases and no faster', async () => {
    const prepare = (sizeBytes: number) => {
      const databases = Array.from({ length: sizeBytes / 20 }, (_, n) => {
        return { name: `d${n}`, defaultRetentionPolicy: '', retentionPolicies: [], continuousQueries: [] };
      });
      const bytes = encodeMeta({ databases, shardGroupIdMax: 0, shardIdMax: 0 });
      return () => checkMeta(decodeMeta(bytes));
    };
    expect(await superlinear([{ name: 'databases', prepare }])).toEqual([]);
  });

  it('grows with the size of its manifest and no faster', async () => {
    const read = (text: string) => parseManifest(`{"meta":{"fileName":"m"},"files":[${text}null]}`);
    const work = growingTexts(
      entries.map((entry) => `${entry},`),
      (text) => refusable(() => read(text)),
    );
    expect(await superlinear(work)).toEqual([]);
  });
});
