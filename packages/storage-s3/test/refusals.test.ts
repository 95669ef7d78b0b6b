import { bodyOf, keysOf, readAll, s3Policies } from '@ceres/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { S3Storage } from '../src/s3-storage';
import { startS3, storageOn } from './helpers';

const refusal = (code: string, message: RegExp) => ({
  code,
  retryable: false,
  message: expect.stringMatching(message),
});

/** Takes away whatever credentials and settings this machine has. */
function withoutCredentials(): void {
  const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_REGION'];
  for (const name of [...names, 'AWS_DEFAULT_REGION', 'AWS_CONTAINER_CREDENTIALS_FULL_URI'])
    vi.stubEnv(name, undefined);
  for (const name of ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']) vi.stubEnv(name, '/nowhere');
  onTestFinished(() => void vi.unstubAllEnvs());
}

describe('S3Storage says what is wrong and what to do', () => {
  it('when the bucket does not exist', async () => {
    const { storage } = await startS3({}, { bucket: 'other-bucket' });
    const missing = refusal('NOT_FOUND', /s3:\/\/other-bucket: NoSuchBucket: The specified bucket.*Check the name/);
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(missing);
    await expect(keysOf(storage)).rejects.toMatchObject(missing);
  });

  it('when the object does not exist', async () => {
    const { storage } = await startS3();
    await expect(readAll(storage.get('a/k'))).rejects.toMatchObject(
      refusal('NOT_FOUND', /read "a\/k" in s3:\/\/test-bucket: NoSuchKey/),
    );
  });

  it('when the account may not create', async () => {
    const { storage } = await startS3({ policy: s3Policies.reader });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(
      refusal('DENIED', /not authorized to perform: s3:PutObject.*HTTP 403.*Allow the account s3:PutObject/),
    );
  });

  it('when the account may not read', async () => {
    const { storage } = await startS3({ policy: s3Policies.writer });
    await expect(keysOf(storage)).rejects.toMatchObject(refusal('DENIED', /Allow the account s3:ListBucket/));
    await expect(readAll(storage.get('k'))).rejects.toMatchObject(refusal('DENIED', /s3:GetObject and s3:ListBucket/));
  });

  it('when the access key or its secret is wrong', async () => {
    const { fake } = await startS3();
    const { accessKeyId } = fake.keys;
    const wrong = storageOn(fake, { credentials: { accessKeyId, secretAccessKey: 'wrong' } });
    await expect(wrong.put('k', bodyOf('x'))).rejects.toMatchObject(refusal('DENIED', /SignatureDoesNotMatch/));
    const unknown = storageOn(fake, { credentials: { accessKeyId: 'UNKNOWN', secretAccessKey: 'x' } });
    await expect(keysOf(unknown)).rejects.toMatchObject(refusal('DENIED', /InvalidAccessKeyId.*Check the access key/));
  });

  it('when the bucket is in another region', async () => {
    const { storage } = await startS3({ region: 'eu-central-1' }, { region: 'us-east-1' });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(
      refusal('INVALID_OPTIONS', /expecting 'eu-central-1'.*Check the option `region`/),
    );
  });

  it('when the store knows no conditional writes', async () => {
    const { fake, storage } = await startS3({ conditionalWrites: 'refused' });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(
      refusal('INVALID_OPTIONS', /cannot create without overwriting/),
    );
    expect(fake.bucket().names()).toEqual([]);
  });

  it('when there are no credentials, which a machine may have later', async () => {
    withoutCredentials();
    vi.stubEnv('AWS_EC2_METADATA_SERVICE_ENDPOINT', 'http://127.0.0.1:1');
    const { fake } = await startS3();
    const storage = storageOn(fake, { credentials: undefined });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringMatching(/no credentials \(yet\): set AWS_ACCESS_KEY_ID/),
    });
    expect(fake.log).toEqual([]);
    vi.stubEnv('AWS_ACCESS_KEY_ID', fake.keys.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', fake.keys.secretAccessKey);
    expect(await storage.put('k', bodyOf('x'))).toBe('created');
  });

  it('when there are no credentials, and it is certain that there will be none', async () => {
    withoutCredentials();
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    const { fake } = await startS3();
    const storage = storageOn(fake, { credentials: undefined });
    await expect(keysOf(storage)).rejects.toMatchObject(refusal('DENIED', /AWS_EC2_METADATA_DISABLED=true: set/));
  });

  it('when no region is given', async () => {
    withoutCredentials();
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const storage = new S3Storage({ bucket: 'test-bucket', credentials });
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(
      refusal('INVALID_OPTIONS', /Set the option `region`, `\?region=` in the URL, or AWS_REGION/),
    );
  });

  it('when no server answers', async () => {
    const { fake, storage } = await startS3();
    await fake.close();
    const calls = [() => storage.put('k', bodyOf('x')), () => keysOf(storage), () => readAll(storage.get('k'))];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: 'UNAVAILABLE',
        retryable: true,
        message: expect.stringMatching(/s3:\/\/test-bucket: .*ECONNREFUSED.*Check the network/),
      });
    }
  });

  it('when the body does not match its checksum, which no retry can fix', async () => {
    const { fake, storage } = await startS3();
    const body = { ...bodyOf('declared'), open: bodyOf('provided').open };
    await expect(storage.put('k', body)).rejects.toMatchObject(refusal('CHECKSUM_MISMATCH', /Check the disk/));
    expect(fake.bucket().names()).toEqual([]);
  });

  it('when the bytes of a body change between its two readings, although no MD5 was declared', async () => {
    const { fake, storage } = await startS3();
    let opened = 0;
    const open = () => {
      opened += 1;
      return bodyOf(`reading ${opened}`).open();
    };
    const put = storage.put('k', { sizeBytes: 9, open });
    await expect(put).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH', retryable: true });
    expect(fake.bucket().names()).toEqual([]);
  });

  it('when key and prefix together are too long', async () => {
    const { storage } = await startS3({}, { prefix: Array(4).fill('n'.repeat(250)).join('/') });
    await expect(storage.put('k'.repeat(30), bodyOf('x'))).rejects.toMatchObject(refusal('INVALID_KEY', /1024/));
  });
});
