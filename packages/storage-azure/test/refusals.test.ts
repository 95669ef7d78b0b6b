import { bodyOf, keysOf, readAll } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { startAzure, storageOn } from './helpers';

const refusal = (code: string, message: RegExp) => ({
  code,
  retryable: false,
  message: expect.stringMatching(message),
});

describe('AzureStorage says what is wrong and what to do', () => {
  it('when the container does not exist', async () => {
    const { storage } = await startAzure('crl', { container: 'other-container' });
    const missing = refusal('NOT_FOUND', /azblob:\/\/fakeaccount\/other-container: The specified container.*Check/);
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(missing);
    await expect(keysOf(storage)).rejects.toMatchObject(missing);
  });

  it('when the blob does not exist', async () => {
    const { storage } = await startAzure();
    await expect(readAll(storage.get('a/k'))).rejects.toMatchObject(
      refusal('NOT_FOUND', /read "a\/k" in azblob:\/\/fakeaccount\/test-container: .*blob does not exist/),
    );
  });

  it('when the SAS may not create', async () => {
    const { fake, storage } = await startAzure('rl');
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(
      refusal('DENIED', /not authorized.*HTTP 403.*Grant the permission c \(create\)/),
    );
    expect(fake.bucket().names()).toEqual([]);
  });

  it('when the SAS may create and nothing else', async () => {
    const { fake, storage } = await startAzure('c');
    await storage.put('k', bodyOf('x'));
    await expect(keysOf(storage)).rejects.toMatchObject(refusal('DENIED', /Grant the permission l \(list\)/));
    await expect(readAll(storage.get('k'))).rejects.toMatchObject(refusal('DENIED', /Grant the permission r \(read\)/));
    expect(fake.bucket().names()).toEqual(['k']);
  });

  it('when the signature is wrong, or there is none', async () => {
    const { fake, storage } = await startAzure();
    fake.inject({ kind: 'status', status: 403, code: 'AuthenticationFailed' });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(refusal('DENIED', /Check the credential/));
    const without = storageOn(fake, '', { sas: () => 'sp=c' });
    await expect(without.put('k', bodyOf('x'))).rejects.toMatchObject(refusal('DENIED', /Give a SAS/));
  });

  it('without a word of the SAS', async () => {
    const { fake, storage } = await startAzure('c');
    const errors: unknown[] = [await keysOf(storage).catch((error) => error)];
    fake.inject({ kind: 'reset' });
    errors.push(await storage.put('k', bodyOf('x')).catch((error) => error));
    await fake.close();
    errors.push(await storage.put('k', bodyOf('x')).catch((error) => error));
    for (const error of errors) expect(String((error as Error).message)).not.toMatch(/sig=|fake&|sp=c/);
  });

  it('when no server answers', async () => {
    const { fake, storage } = await startAzure();
    await fake.close();
    const calls = [() => storage.put('k', bodyOf('x')), () => keysOf(storage), () => readAll(storage.get('k'))];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        retryable: true,
        message: expect.stringMatching(/azblob:\/\/fakeaccount\/test-container: .*ECONNREFUSED.*Check the network/),
      });
    }
  });

  it('when the body does not match its checksum, which no retry can fix', async () => {
    const { fake, storage } = await startAzure();
    const body = { ...bodyOf('declared'), open: bodyOf('provided').open };
    await expect(storage.put('k', body)).rejects.toMatchObject(refusal('CHECKSUM_MISMATCH', /Check the disk/));
    expect(fake.bucket().names()).toEqual([]);
  });

  it('when key and prefix together are too long', async () => {
    const { storage } = await startAzure('c', { prefix: Array(4).fill('n'.repeat(250)).join('/') });
    await expect(storage.put('k'.repeat(30), bodyOf('x'))).rejects.toMatchObject(refusal('INVALID_KEY', /1024/));
  });
});
