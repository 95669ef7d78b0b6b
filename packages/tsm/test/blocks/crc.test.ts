import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { crcOf } from '../../src/blocks/crc';

it('the checksum of short and long bytes, at any place, is that of zlib', () => {
  const bytes = randomBytes(1_000);
  for (let length = 0; length < 300; length += 1) {
    for (const from of [0, 1, 7]) {
      expect(crcOf(bytes, from, from + length)).toBe(crc32(bytes.subarray(from, from + length)));
    }
  }
});
