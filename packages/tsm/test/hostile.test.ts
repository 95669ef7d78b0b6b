import { type Growing, growingTexts, superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { decompress } from '../src/blocks/snappy/decompress';
import { ByteWriter } from '../src/bytes';
import { ColumnBuffer } from '../src/column';
import { readTar } from '../src/containers/archive/read-tar';
import { parseManifest } from '../src/containers/portable/manifest';
import { readIdMapAnswer } from '../src/containers/snapshot/answers';
import { TsmError } from '../src/errors';
import { bytesSource } from '../src/files/byte-source';
import { readTombstones } from '../src/files/deletes/tombstones';
import { TsmReader } from '../src/files/tsm-reader';
import { PointLines } from '../src/lines/point-lines';
import { readWal } from '../src/shards/wal/read-wal';
import { tarEnd, tarFile } from './containers/tar-bytes';
import { keyOf, tsmBytes } from './files/memory-file';

/** Does the work; what is refused is refused. */
async function refusable(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
  }
}

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
}

/** Every reader of bytes that a disk, an archive or a server gives, and units that say little and claim much. */
const readers: readonly (readonly [what: string, units: readonly string[], read: (bytes: Buffer) => unknown])[] = [
  [
    'an answer with ids of shards',
    ['\0'],
    (bytes) => readIdMapAnswer(streamOf(answer(Math.floor(bytes.length / 16), bytes)), 'there'),
  ],
  [
    'compressed text',
    ['\0a', '\xfe\x01\0', '\xff\xff\xff\xff'],
    (bytes) => decompress(Buffer.concat([Buffer.from([0x80, 0x80, 0x04]), bytes]), new Uint8Array(0)),
  ],
  ['a WAL', ['\0', '\x01\0\0\0\x01\0'], (bytes) => readWal([bytesSource('wal', bytes)])],
  [
    'tombstones of version 1',
    ['a'],
    (bytes) => readTombstones(bytesSource('tombstone', Buffer.concat([Buffer.from('m#!~#v'), bytes]))),
  ],
  ['an archive', ['\0', 'a'], (bytes) => drain(readTar(streamOf(bytes)))],
  [
    'a long name in an archive',
    ['\0', 'a'],
    (bytes) =>
      drain(readTar(streamOf(Buffer.concat([tarFile('long', Buffer.concat([bytes, Buffer.from('a')]), 'L'), tarEnd])))),
  ],
  [
    'an extended header in an archive',
    ['9 a=bcde\n', '1', '0 '],
    (bytes) => drain(readTar(streamOf(Buffer.concat([tarFile('extended', bytes, 'x'), tarEnd])))),
  ],
];

function answer(count: number, bytes: Uint8Array): Buffer {
  const head = Buffer.from([0, 0, 0, 0, 0x59, 0x59, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(count, 12);
  return Buffer.concat([head, bytes]);
}

async function drain(files: AsyncIterable<{ readonly content: () => AsyncIterable<unknown> }>): Promise<void> {
  for await (const { content } of files) for await (const _ of content());
}

const series = keyOf('m', 'v');

/** A tombstone file with a range for each 30 bytes, none of which is a point's. */
function tombstonesOf(sizeBytes: number): Buffer {
  const out = new ByteWriter();
  out.write(Buffer.from([0, 0, 0x15, 2]));
  for (let n = 0; n < sizeBytes / 30; n += 1) {
    out.reserve(30);
    out.u32(series.length);
    out.write(series);
    out.reserve(16);
    out.i64(BigInt(10 * n + 1));
    out.i64(BigInt(10 * n + 2));
  }
  return Buffer.from(out.written);
}

const blocks = new Map<number, Buffer>();
for (const sizeBytes of [1_000, 10_000, 100_000, 1_000_000]) {
  const column = new ColumnBuffer('float');
  for (let n = 0; n < sizeBytes / 50; n += 1) column.push(BigInt(10 * n), n);
  blocks.set(sizeBytes, await tsmBytes([['m', 'v', column]], { blockPointsMax: 1 }));
}

const tombstones: Growing = {
  name: 'a range of tombstones for each block',
  prepare: (sizeBytes) => async () => {
    const file = bytesSource('file', blocks.get(sizeBytes) as Buffer);
    const reader = await TsmReader.open(file, bytesSource('tombstone', tombstonesOf(sizeBytes)));
    for await (const _ of reader.read(series));
  },
};

describe('The time for a file, an archive or an answer that someone hostile made', { timeout: 120_000 }, () => {
  it.each(readers)('grows with its size and no faster: %s', async (_, units, read) => {
    const work = growingTexts(units, (text) => refusable(() => read(Buffer.from(text, 'latin1'))));
    expect(await superlinear(work)).toEqual([]);
  });

  it.each([
    ['an entry', (nested: string) => nested],
    ['a name', (nested: string) => `{"database":"d","policy":"p","shardID":1,"size":1,"fileName":${nested}}`],
  ])('is not the stack: %s of a manifest that is nested 100,000 levels deep is refused', (_, entry) => {
    const nested = '['.repeat(100_000) + ']'.repeat(100_000);
    const work = () => parseManifest(`{"meta":{"fileName":"m"},"files":[${entry(nested)}]}`);
    expect(work).toThrow(expect.objectContaining({ code: 'DAMAGED' }));
  });

  it('grows with its size and no faster: tombstones', async () => {
    expect(await superlinear([tombstones])).toEqual([]);
  });

  it('is not spent on a line of tombstones that is longer than any key', async () => {
    const bytes = Buffer.from(`m#!~#${'v'.repeat(2_000_000)}`);
    let readBytes = 0;
    const source = bytesSource('tombstone', bytes);
    const read = (position: number, length: number) => {
      readBytes += length;
      return source.read(position, length);
    };
    await expect(readTombstones({ ...source, read })).rejects.toThrow(
      expect.objectContaining({ code: 'DAMAGED', message: expect.stringContaining('65535') }),
    );
    expect(readBytes).toBeLessThan(bytes.length / 2);
  });

  it('does not depend on how many bytes of a name need a backslash', () => {
    const name = Buffer.alloc(65_000, ',');
    const column = new ColumnBuffer('float');
    column.push(1n, 1);
    const { times, timeWords, length } = column;
    const fields = [{ name, type: 'float' as const, column, rows: Int32Array.of(0) }];
    const line = new PointLines().encode({ seriesKey: Buffer.from('m'), length, times, timeWords, fields });
    expect(Buffer.from(line).toString()).toBe(`m ${'\\,'.repeat(65_000)}=1 1\n`);
  });
});
