import { bodyOf, gcsRoles, keysOf, readAll } from '@ceres/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { GcsStorage } from '../src/gcs-storage';
import { startGcs } from './helpers';

const refusal = (code: string, message: RegExp) => ({
  code,
  retryable: false,
  message: expect.stringMatching(message),
});

describe('GcsStorage says what is wrong and what to do', () => {
  it('when the bucket does not exist', async () => {
    const { storage } = await startGcs({}, { bucket: 'other-bucket' });
    const missing = refusal('NOT_FOUND', /gs:\/\/other-bucket: The specified bucket does not exist.*Check the name/);
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(missing);
    await expect(keysOf(storage)).rejects.toMatchObject(missing);
  });

  it('when the object does not exist', async () => {
    const { storage } = await startGcs();
    await expect(readAll(storage.get('a/k'))).rejects.toMatchObject(
      refusal('NOT_FOUND', /read "a\/k" in gs:\/\/test-bucket: No such object/),
    );
  });

  it('when the account may not create', async () => {
    const { storage } = await startGcs({ permissions: gcsRoles.objectViewer });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(
      refusal('DENIED', /storage\.objects\.create.*roles\/storage\.objectCreator/),
    );
  });

  it('when the account may not read', async () => {
    const { storage } = await startGcs({ permissions: gcsRoles.objectCreator });
    const denied = refusal('DENIED', /roles\/storage\.objectViewer/);
    await expect(keysOf(storage)).rejects.toMatchObject(denied);
    await expect(readAll(storage.get('k'))).rejects.toMatchObject(denied);
  });

  it('when the credentials are refused, or the project is wrong', async () => {
    const { fake, storage } = await startGcs();
    fake.inject({ kind: 'status', status: 401, message: 'Invalid Credentials' });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(refusal('DENIED', /Check the credentials/));
    fake.inject({ kind: 'status', status: 400, message: 'Unknown project id: nowhere' });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(
      refusal('INVALID_OPTIONS', /gs:\/\/test-bucket: Unknown project id: nowhere \(HTTP 400\)/),
    );
  });

  it('when the key file is missing', async () => {
    vi.stubEnv('STORAGE_EMULATOR_HOST', undefined); // if it is set, even to nothing, the client needs no credentials
    onTestFinished(() => void vi.unstubAllEnvs());
    const storage = new GcsStorage({ bucket: 'test-bucket', keyFilename: '/nowhere/key.json' });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(
      refusal('DENIED', /\/nowhere\/key\.json.*keyFilename/),
    );
  });

  it('when no server answers', async () => {
    const { fake, storage } = await startGcs();
    await fake.close();
    const calls = [() => storage.put('k', bodyOf('x')), () => keysOf(storage), () => readAll(storage.get('k'))];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        retryable: true,
        message: expect.stringMatching(/gs:\/\/test-bucket: .*ECONNREFUSED.*Check the network/),
      });
    }
  });

  it('when the body does not match its checksum, which no retry can fix', async () => {
    const { fake, storage } = await startGcs();
    const body = { ...bodyOf('declared'), open: bodyOf('provided').open };
    await expect(storage.put('k', body)).rejects.toMatchObject(refusal('CHECKSUM_MISMATCH', /Check the disk/));
    expect(fake.bucket().names()).toEqual([]);
  });

  it('when key and prefix together are too long', async () => {
    const { storage } = await startGcs({}, { prefix: Array(4).fill('n'.repeat(250)).join('/') });
    await expect(storage.put('k'.repeat(30), bodyOf('x'))).rejects.toMatchObject(refusal('INVALID_KEY', /1024/));
  });
});
