import { randomUUID } from 'node:crypto';
import { bodyOf } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { GcsStorage } from '../src/gcs-storage';

// Even an empty variable makes the client look for an emulator.
delete process.env.STORAGE_EMULATOR_HOST;

const { GOOGLE_APPLICATION_CREDENTIALS: credentials, CERES_TEST_BUCKET: bucket } = process.env;

/**
 * The account may create objects and nothing else, as in production: these tests can only create, create again, and look
 * at the outcomes. The bucket's lifecycle rule deletes what they leave (docs/storage-gcs.md).
 */
describe.runIf(credentials !== undefined && bucket !== undefined)('GcsStorage on the real Google Cloud', () => {
  const prefix = `ceres-test/${randomUUID()}`;
  const open = () => new GcsStorage({ bucket: bucket ?? '', prefix });
  const content = Buffer.alloc(3_000_000, 'a file of a few megabytes ');

  it('creates an object, and answers exists to every later put of its key', async () => {
    const storage = open();
    expect(await storage.put('i/db/rp/a.gz', bodyOf(content))).toBe('created');
    expect(await storage.put('i/db/rp/a.gz', bodyOf(content))).toBe('exists');
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

  it('reports that a bucket does not exist', async () => {
    const storage = new GcsStorage({ bucket: `ceres-${randomUUID()}` });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject({
      code: expect.stringMatching(/^(NOT_FOUND|DENIED)$/), // to an account without rights, Google answers only the latter
    });
  });
});
