import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { expect, it } from 'vitest';
import { readBody } from '../src/adapter';
import type { ObjectBody } from '../src/index';

const bytes = Buffer.from('cpu,host=a usage=1 1\n');
const good: ObjectBody = {
  sizeBytes: bytes.byteLength,
  md5: createHash('md5').update(bytes).digest('base64'),
  crc32: crc32(bytes),
  open: async function* () {
    yield bytes.subarray(0, 7);
    yield bytes.subarray(7);
  },
};

async function read(body: ObjectBody, options = {}): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readBody('k', body, options)) chunks.push(chunk);
  return String(Buffer.concat(chunks));
}

it('a body with the declared size, MD5 and CRC-32 is read', async () => {
  expect(await read(good)).toBe(String(bytes));
});

it('a body with another CRC-32 than declared is refused, even if the storage could not tell by its MD5', async () => {
  const wrong = { ...good, md5: undefined as never, crc32: (crc32(bytes) ^ 1) >>> 0 };
  await expect(read(wrong)).rejects.toMatchObject({
    code: 'CHECKSUM_MISMATCH',
    retryable: false,
    message: expect.stringMatching(
      /^Expected the body of "k" to have the CRC-32 [0-9a-f]{8}, got [0-9a-f]{8}; nothing/,
    ),
  });
});

it('with a CRC-32 the MD5 is left to the storage, and without one it is checked', async () => {
  const wrong = { ...good, md5: createHash('md5').update('other').digest('base64') };
  expect(await read(wrong)).toBe(String(bytes));
  const { crc32: _, ...withoutCrc } = wrong;
  await expect(read(withoutCrc)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
});

it('a storage that verifies checksums itself may switch ours off', async () => {
  expect(await read({ ...good, crc32: 1 }, { verifyChecksum: false })).toBe(String(bytes));
});

it.each([-1, 1.5, 2 ** 32, Number.NaN])('a declared CRC-32 of %s is refused before a byte is read', async (crc) => {
  await expect(read({ ...good, crc32: crc })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
});
