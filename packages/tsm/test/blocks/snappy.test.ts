import fc from 'fast-check';
import snappy from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { compress } from '../../src/blocks/snappy/compress';
import { decompress } from '../../src/blocks/snappy/decompress';
import { ByteWriter } from '../../src/bytes';

function ours(text: Uint8Array): Uint8Array {
  const out = new ByteWriter(1);
  compress(text, out);
  return out.written.slice();
}

function plain(block: Uint8Array): Uint8Array {
  const { bytes, length } = decompress(block, new Uint8Array(0));
  return bytes.slice(0, length);
}

/** Texts that repeat near and far, short and long. */
const texts = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 60 }), fc.nat({ max: 2_000 })), { maxLength: 12 })
  .map((parts) =>
    Buffer.concat(parts.flatMap(([part, times]) => Array.from({ length: 1 + (times % 97) }, () => part))),
  );

describe('snappy', () => {
  it('is read by another implementation, and reads what that one writes', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(Buffer.from(snappy.uncompress(ours(text))).equals(text)).toBe(true);
        expect(Buffer.from(plain(snappy.compress(text))).equals(text)).toBe(true);
        expect(Buffer.from(plain(ours(text))).equals(text)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it.each([0, 1, 65_535, 65_536, 65_537, 200_000])('gives back %i bytes, compressible or not', (length) => {
    const noise = Uint8Array.from({ length }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 13);
    const dull = new Uint8Array(length).fill(97);
    expect(Buffer.from(plain(ours(noise))).equals(noise)).toBe(true);
    expect(Buffer.from(plain(ours(dull))).equals(dull)).toBe(true);
    expect(ours(dull).length).toBeLessThan(16 + length / 15);
  });

  it('writes into a buffer that is long enough, and leaves one that is not alone', () => {
    const block = ours(Buffer.from('abcabcabcabcabc'));
    const long = new Uint8Array(100);
    expect(decompress(block, long).bytes).toBe(long);
    expect(decompress(block, new Uint8Array(3)).bytes).toHaveLength(19);
  });
});

describe('snappy that is not what was written', () => {
  it('is refused before memory is taken for what it claims', () => {
    const claims4GiB = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0x00, 0x61);
    expect(() => plain(claims4GiB)).toThrow(/7 compressed bytes claim to be 4294967295/);
  });

  it.each<[string, number[]]>([
    ['is empty', []],
    ['ends in its length', [0x85]],
    ['ends in a literal', [5, 0x10, 97, 98]],
    ['ends in the length of a literal', [70, 0xf4]],
    ['ends in an offset', [8, 0x00, 97, 0x0d]],
    ['ends early', [5, 0x04, 97, 98]],
    ['goes on after its end', [1, 0x00, 97, 0x00, 98]],
    ['copies from before its start', [8, 0x00, 97, 0x0d, 0x02]],
    ['copies from nowhere', [8, 0x00, 97, 0x0d, 0x00]],
  ])('is refused if it %s', (_name, bytes) => {
    expect(() => plain(Uint8Array.from(bytes))).toThrow(expect.objectContaining({ code: 'DAMAGED' }));
  });
});
