import { superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/files/byte-source';
import type { KnownNames } from '../../src/names/known-names';
import type { ShardLosses } from '../../src/salvage/losses';
import { BLOCKS_START, BlockCheck } from '../../src/salvage/rescue/block-check';
import { IndexScan } from '../../src/salvage/rescue/index-scan';
import { EntryScan } from '../../src/salvage/wal/entry-scan';
import { WAL_HEAD_BYTES } from '../../src/shards/wal/read-wal';

/** Returns a file of which each key in the index leads to one block of half the file, with a wrong checksum. */
function fileOfWrongBlocks(sizeBytes: number): Buffer {
  const file = Buffer.alloc(sizeBytes, 1);
  file[BLOCKS_START + 4] = 0; // the type of the block
  const key = Buffer.from('\0\x06m#!~#v\0\0\x01');
  const entry = Buffer.alloc(28);
  entry.writeUInt32BE(BLOCKS_START, 20);
  entry.writeUInt32BE(sizeBytes / 2, 24);
  const unit = Buffer.concat([key, entry]);
  for (let at = sizeBytes / 2 + BLOCKS_START; at + unit.length <= sizeBytes; at += unit.length) unit.copy(file, at);
  return file;
}

/** Returns a segment of entries, each of which claims all bytes behind it: they are whole snappy, and no entry. */
function segmentOfLongEntries(sizeBytes: number): Buffer {
  const segment = Buffer.alloc(sizeBytes, 0xff);
  const unit = Buffer.alloc(WAL_HEAD_BYTES + 3 + 5);
  for (let at = 0; at + unit.length < sizeBytes; at += unit.length) {
    const length = sizeBytes - at - unit.length;
    unit[0] = 1;
    unit.writeUInt32BE(sizeBytes - at - WAL_HEAD_BYTES, 1);
    unit.set([0x80 | (length & 0x7f), 0x80 | ((length >> 7) & 0x7f), length >> 14], WAL_HEAD_BYTES);
    unit[WAL_HEAD_BYTES + 3] = 0xfc; // a literal whose length has four bytes
    unit.writeUInt32LE(length - 1, WAL_HEAD_BYTES + 4);
    unit.copy(segment, at);
  }
  return segment;
}

async function lostBytes(
  steps: AsyncIterable<{ readonly kind: string; readonly from?: number; readonly to?: number }>,
) {
  let lost = 0;
  for await (const { kind, from = 0, to = 0 } of steps) {
    expect(kind).toBe('lost');
    lost += to - from;
  }
  return lost;
}

describe('The time to look for what is left of a file that was built so that each guess is expensive', {
  timeout: 120_000,
}, () => {
  it('grows with a TSM file and no faster', async () => {
    const prepare = (sizeBytes: number) => {
      const source = bytesSource('file', fileOfWrongBlocks(sizeBytes));
      const scan = () => new IndexScan(source, new BlockCheck(source), sizeBytes, undefined).steps(BLOCKS_START);
      return async () => expect(await lostBytes(scan())).toBe(sizeBytes - BLOCKS_START);
    };
    expect(await superlinear([{ name: 'keys of one wrong block', prepare }])).toEqual([]);
  });

  it('grows with a segment of a WAL and no faster', async () => {
    const names = { knowsSeries: false } as KnownNames;
    const losses = { checkSignal: () => undefined } as ShardLosses;
    const prepare = (sizeBytes: number) => {
      const segment = bytesSource('segment', segmentOfLongEntries(sizeBytes));
      return async () => expect(await lostBytes(new EntryScan(segment, names, losses).steps())).toBe(sizeBytes);
    };
    expect(await superlinear([{ name: 'entries up to the end', prepare }])).toEqual([]);
  });
});
