import { bodyOf, keysOf, md5Of, readAll, s3Policies } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { startS3, storageOn } from './helpers';

describe('S3Storage', () => {
  it('sends one PutObject per put, whatever its outcome, with an account that may do nothing else', async () => {
    const { fake, storage } = await startS3({ policy: s3Policies.writer });
    fake.setBucketPolicy(s3Policies.createOnly);
    expect(await storage.put('a/1.gz', bodyOf('one'))).toBe('created');
    expect(await storage.put('a/1.gz', bodyOf('one'))).toBe('exists');
    fake.inject({ kind: 'status', status: 503, code: 'SlowDown' });
    await expect(storage.put('a/2.gz', bodyOf('two'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    fake.inject({ kind: 'flip-bit' });
    await expect(storage.put('a/2.gz', bodyOf('two'))).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    expect(await storage.put('a/2.gz', bodyOf('two'))).toBe('created');

    expect(fake.log.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'PutObject 200',
      'PutObject 412',
      'PutObject 503',
      'PutObject 400',
      'PutObject 200',
    ]);
  });

  it('sends a PUT of one part that cannot overwrite, with both digests in its signed head and no trailer', async () => {
    const { fake, storage } = await startS3({}, { prefix: 'backups' });
    await storage.put('i/db 0/x.gz', bodyOf('content'));
    const [request] = fake.log;
    expect(request?.line).toBe('PUT /test-bucket/backups/i/db%200/x.gz?x-id=PutObject');
    const { headers } = request ?? {};
    expect(headers).toMatchObject({
      'if-none-match': '*',
      'content-length': '7',
      'content-type': 'application/gzip',
      'cache-control': 'no-transform',
      'content-md5': md5Of(Buffer.from('content')),
      'x-amz-content-sha256': 'ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73',
    });
    expect(headers?.authorization).toMatch(
      /SignedHeaders=[^,]*content-md5;[^,]*if-none-match;[^,]*x-amz-content-sha256/,
    );
    const others = ['transfer-encoding', 'content-encoding', 'x-amz-trailer', 'x-amz-sdk-checksum-algorithm', 'expect'];
    expect(Object.keys(headers ?? {}).filter((name) => others.includes(name))).toEqual([]);
  });

  it('does not overwrite under a policy of the bucket that demands the condition, and that refuses who does not send it', async () => {
    const { fake, storage } = await startS3({ policy: s3Policies.admin });
    await storage.put('k', bodyOf('first'));
    fake.setBucketPolicy(s3Policies.createOnly);
    expect(await storage.put('k', bodyOf('second'))).toBe('exists');
    const { S3Client, PutObjectCommand } = await import('@aws-sdk/client-s3');
    const thief = new S3Client({
      endpoint: fake.url,
      region: fake.region,
      credentials: fake.keys,
      forcePathStyle: true,
      maxAttempts: 1,
    });
    const overwrite = thief.send(new PutObjectCommand({ Bucket: 'test-bucket', Key: 'k', Body: 'third' }));
    await expect(overwrite).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(String(fake.bucket().get('k')?.bytes)).toBe('first');
  });

  it('sends one request per page of a listing, and one per get', async () => {
    const { fake, storage } = await startS3({ policy: s3Policies.reader });
    fake.bucket().seed(Array.from({ length: 2500 }, (_, i) => `k/${i}`));
    expect(await keysOf(storage, 'k/')).toHaveLength(2500);
    expect(fake.log.map(({ method }) => method)).toEqual(['ListObjectsV2', 'ListObjectsV2', 'ListObjectsV2']);
    fake.clearLog();
    await readAll(storage.get('k/7'));
    expect(fake.log.map(({ method }) => method)).toEqual(['GetObject']);
  });

  it('stays below the prefix, and returns keys without it', async () => {
    const { fake, storage } = await startS3({}, { prefix: 'a/b' });
    fake.bucket().seed(['a', 'a/b', 'a/b/', 'a/bc', 'z']);
    await storage.put('k1', bodyOf('1'));
    await storage.put('k2', bodyOf('2'));
    expect(fake.bucket().names()).toContain('a/b/k1');
    expect(await keysOf(storage)).toEqual(['k1', 'k2']);
    expect(String(await readAll(storage.get('k2')))).toBe('2');
  });

  it('uses the session token of temporary credentials', async () => {
    const { fake } = await startS3();
    const keys = { accessKeyId: 'TEMPORARY', secretAccessKey: 'secret', sessionToken: 'a/token+=' };
    fake.addUser(keys, s3Policies.writer);
    expect(await storageOn(fake, { credentials: keys }).put('k', bodyOf('x'))).toBe('created');
    const forged = storageOn(fake, { credentials: { ...keys, sessionToken: 'another' } });
    await expect(forged.put('k2', bodyOf('x'))).rejects.toMatchObject({ code: 'DENIED' });
  });
});
