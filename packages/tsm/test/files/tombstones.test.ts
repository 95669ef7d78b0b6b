import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/files/byte-source';
import { readTombstones } from '../../src/files/deletes/tombstones';
import { TsmReader } from '../../src/files/tsm-reader';
import { columnOf, pointsOf } from '../columns';
import { keyOf, tsmBytes } from './memory-file';

function record(key: string, first: bigint, last: bigint): Buffer {
  const bytes = Buffer.alloc(4 + Buffer.byteLength(key) + 16);
  bytes.writeUInt32BE(Buffer.byteLength(key));
  bytes.write(key, 4);
  bytes.writeBigInt64BE(first, bytes.length - 16);
  bytes.writeBigInt64BE(last, bytes.length - 8);
  return bytes;
}

const head = (version: number) => Buffer.from([0, 0, 0x15, version]);
const read = (...parts: Uint8Array[]) => readTombstones(bytesSource('a.tombstone', Buffer.concat(parts)));

const one = record('m#!~#f', 2n, 3n);
const two = record('m#!~#f', 7n, 7n);
const other = record('m,t=ü#!~#f', -5n, 5n);

const versions: [string, Uint8Array[]][] = [
  ['2, plain', [head(2), one, two, other]],
  ['3, gzip', [head(3), gzipSync(Buffer.concat([one, two, other]))]],
  ['4, gzip members', [head(4), gzipSync(one), gzipSync(Buffer.concat([two, other]))]],
];

describe.each(versions)('tombstones of version %s', (_name, parts) => {
  it('say which times of which keys are deleted', async () => {
    expect([...(await read(...parts))]).toEqual([
      [
        'm#!~#f',
        [
          { first: 2n, last: 3n },
          { first: 7n, last: 7n },
        ],
      ],
      [Buffer.from('m,t=ü#!~#f').toString('latin1'), [{ first: -5n, last: 5n }]],
    ]);
  });

  it('are refused if they are cut anywhere, or if a bit is flipped in gzip', async () => {
    const whole = Buffer.concat(parts);
    const sizes = parts.slice(0, -1).map((_, i) => Buffer.concat(parts.slice(0, i + 1)).length);
    for (let length = 5; length < whole.length; length += 1) {
      // A cut between two members or two records leaves a file that nothing can tell from a whole one.
      if (sizes.includes(length) || (whole[3] === 2 && (length - 4) % one.length === 0)) continue;
      await expect(read(whole.subarray(0, length)), String(length)).rejects.toThrow(
        expect.objectContaining({ code: expect.stringMatching(/DAMAGED|INCOMPLETE/) }),
      );
    }
  });

  it('hide points of their own file, both ends of a range included', async () => {
    const points = Array.from({ length: 10 }, (_, i) => [BigInt(i), BigInt(i)] as const);
    const file = await tsmBytes(
      [
        ['m', 'f', columnOf('integer', points)],
        ['m', 'g', columnOf('integer', points)],
      ],
      { blockPointsMax: 4 },
    );
    const reader = await TsmReader.open(bytesSource('a.tsm', file), bytesSource('a.tombstone', Buffer.concat(parts)));
    const times = async (field: string) => {
      const all: bigint[] = [];
      for await (const column of reader.read(keyOf('m', field))) all.push(...pointsOf(column).map(([time]) => time));
      return all;
    };
    expect(await times('f')).toEqual([0n, 1n, 4n, 5n, 6n, 8n, 9n]);
    expect(await times('g')).toHaveLength(10);
  });
});

describe('tombstones', () => {
  it('of version 1 are lines, each of which deletes a key for all times', async () => {
    expect([...(await read(Buffer.from('m#!~#f\nm#!~#g\n')))]).toEqual([
      ['m#!~#f', [{ first: -(2n ** 63n), last: 2n ** 63n - 1n }]],
      ['m#!~#g', [{ first: -(2n ** 63n), last: 2n ** 63n - 1n }]],
    ]);
  });

  it('may be empty', async () => {
    for (const bytes of [Buffer.alloc(0), head(2), head(3), head(4)]) expect((await read(bytes)).size).toBe(0);
  });

  it('are refused if they are something else', async () => {
    await expect(read(Buffer.from('hello\n'))).rejects.toThrow(/a\.tombstone: It is not a tombstone file/);
    await expect(read(head(2), record('m#!~#f', 2n, 1n))).rejects.toThrow(/ends before it begins/);
    await expect(read(head(2), Buffer.from([0xff, 0xff, 0xff, 0xff]))).rejects.toThrow(/key of 4294967295 bytes/);
    await expect(read(head(4), Buffer.from('not gzip'))).rejects.toThrow(expect.objectContaining({ code: 'DAMAGED' }));
  });
});
