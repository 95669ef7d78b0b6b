import { randomUUID } from 'node:crypto';
import { bodyOf } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { optionsFromUrl } from '../src/from-url';
import { S3Storage } from '../src/s3-storage';

const { CERES_TEST_S3_URL: url } = process.env;

/**
 * The account may create objects and nothing else, as in production: these tests can only create, create again, and look
 * at the outcomes. The bucket's lifecycle rule deletes what they leave (docs/storage-s3.md).
 */
describe.runIf(url !== undefined)('S3Storage on a real store', () => {
  const prefix = `ceres-test/${randomUUID()}`;
  const open = () => new S3Storage({ ...optionsFromUrl(new URL(url ?? '')), prefix });
  const content = Buffer.alloc(3_000_000, 'a file of a few megabytes ');

  it('creates an object, and answers exists to every later put of its key', async () => {
    expect(await open().put('i/db/rp/a.gz', bodyOf(content))).toBe('created');
    expect(await open().put('i/db/rp/a.gz', bodyOf(content))).toBe('exists');
    expect(await open().put('i/db/rp/a.gz', bodyOf('something else'))).toBe('exists');
  });

  it('answers created to exactly one of many concurrent puts', async () => {
    const puts = Array.from({ length: 8 }, (_, i) => open().put('race', bodyOf(`writer ${i}`)));
    const outcomes = await Promise.all(puts);
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'exists')).toHaveLength(7);
  });

  it('stores nothing of a body with a wrong checksum or a missing byte, so that the key is still free', async () => {
    const storage = open();
    const wrong = { ...bodyOf('declared'), open: bodyOf('provided').open };
    await expect(storage.put('b', wrong)).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    const short = { ...bodyOf(content), sizeBytes: content.byteLength + 1 };
    await expect(storage.put('b', short)).rejects.toMatchObject({ code: 'SIZE_MISMATCH' });
    expect(await storage.put('b', bodyOf(content))).toBe('created');
  });
});
