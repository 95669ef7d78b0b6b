import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { joinedCrc } from '../../../src/internal';

const bytes = fc.uint8Array({ maxLength: 5_000 });

it('the CRC of two pieces follows from that of each, and that of the second from both', () => {
  fc.assert(
    fc.property(bytes, bytes, (first, second) => {
      const both = crc32(second, crc32(first));
      expect(joinedCrc(crc32(first), crc32(second), second.byteLength)).toBe(both);
      expect(joinedCrc(crc32(first), both, second.byteLength)).toBe(crc32(second));
    }),
  );
});

it('the CRC of two pieces is right for a second piece of 5 GiB, too', () => {
  const sizeBytes = 1024 * 1024;
  const mebibyte = crc32(new Uint8Array(sizeBytes));
  const head = crc32('head');
  let zeros = 0;
  let both = head;
  for (let n = 0; n < 5 * 1024; n += 1) {
    zeros = joinedCrc(zeros, mebibyte, sizeBytes);
    both = joinedCrc(both, mebibyte, sizeBytes);
  }
  expect(joinedCrc(head, zeros, 5 * 1024 ** 3)).toBe(both);
});
