import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { S3Storage } from '@ceres/storage-s3';
import { bodyOf, type FakeS3, keysOf, readAll, type S3Policy } from '@ceres/testkit';
import { expect, it } from 'vitest';
import { examine, startS3, urlOf } from '../doctor/support';
import { ceres } from '../support/in-process';
import { documentsIn, own } from './support';

interface Documents {
  readonly bucketPolicy: S3Policy;
  readonly writerPolicy: S3Policy;
  readonly readerPolicy: S3Policy;
  readonly lifecycle: object;
  readonly objectLock: object;
}

async function policiesFor(...options: readonly string[]): Promise<Documents> {
  const argv = ['policy', 's3', '--bucket', 'test-bucket', ...options, '--json'];
  return JSON.parse((await ceres(argv)).stdout);
}

/** Returns a bucket's policy without its demand for TLS, which the fake does not have. */
const withoutTls = ({ Statement }: S3Policy) => ({ Statement: Statement.filter(({ Sid }) => Sid !== 'OnlyEncrypted') });

async function startWith({ bucketPolicy }: Documents, policy: S3Policy) {
  const fake = await startS3({ policy }, withoutTls(bucketPolicy));
  const { url: endpoint, region } = fake;
  const storage = new S3Storage({ bucket: 'test-bucket', prefix: 'eu', endpoint, region, credentials: fake.keys });
  return { fake, storage };
}

function thiefOf(fake: FakeS3): S3Client {
  return new S3Client({ endpoint: fake.url, region: fake.region, credentials: fake.keys, forcePathStyle: true });
}

const denied = { code: 'DENIED' };

it('lets the writer create its files and everything of our own, and nothing else', async () => {
  const documents = await policiesFor('--prefix', 'eu');
  const { fake, storage } = await startWith(documents, documents.writerPolicy);
  for (const key of ['i/db/rp/1.gz', 'j/db/rp/1.gz', ...own('i'), '~doctor/x']) {
    expect(await storage.put(key, bodyOf('first'))).toBe('created');
    expect(await storage.put(key, bodyOf('second'))).toBe('exists');
    await expect(readAll(storage.get(key))).rejects.toMatchObject(denied);
    const place = { Bucket: 'test-bucket', Key: `eu/${key}` };
    for (const more of [{}, { IfMatch: '"fake"' }]) {
      const overwrite = new PutObjectCommand({ ...place, Body: 'third', ...more });
      await expect(thiefOf(fake).send(overwrite)).rejects.toMatchObject({ name: 'AccessDenied' });
    }
    await expect(thiefOf(fake).send(new DeleteObjectCommand(place))).rejects.toMatchObject({ name: 'AccessDenied' });
    expect(String(fake.bucket().get(`eu/${key}`)?.bytes)).toBe('first');
  }
  await expect(keysOf(storage)).rejects.toMatchObject(denied);
  const elsewhere = new PutObjectCommand({ Bucket: 'test-bucket', Key: 'us/x', Body: 'x', IfNoneMatch: '*' });
  await expect(thiefOf(fake).send(elsewhere)).rejects.toMatchObject({ name: 'AccessDenied' });
});

it('refuses an upload without a condition also to those who may do everything', async () => {
  const documents = await policiesFor('--prefix', 'eu');
  const everything: S3Policy = { Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] };
  const { fake } = await startWith(documents, everything);
  const put = (Key: string) => thiefOf(fake).send(new PutObjectCommand({ Bucket: 'test-bucket', Key, Body: 'x' }));
  await expect(put('eu/x')).rejects.toMatchObject({ name: 'AccessDenied' });
  await put('us/x'); // another user of the bucket is not bound by it
});

it('narrows the writer to one instance, with all folders of our own', async () => {
  const documents = await policiesFor('--prefix', 'eu/', '--instance', 'i 1');
  const { storage } = await startWith(documents, documents.writerPolicy);
  for (const key of ['i%201/db/rp/1.gz', ...own('i%201'), '~doctor/x']) {
    expect(await storage.put(key, bodyOf('x'))).toBe('created');
  }
  for (const key of ['i/db/rp/1.gz', 'i%201x/db/rp/1.gz', ...own('j'), '~other/x', 'x']) {
    await expect(storage.put(key, bodyOf('x'))).rejects.toMatchObject(denied);
  }
});

it('lets the reader list and read the backup, and nothing else', async () => {
  const documents = await policiesFor('--prefix', 'eu');
  const { fake, storage } = await startWith(documents, documents.readerPolicy);
  fake.bucket().seed(['eu/i/k', 'us/k']);
  expect(await keysOf(storage)).toEqual(['i/k']);
  expect(await readAll(storage.get('i/k'))).toHaveLength(0);
  await expect(storage.put('k2', bodyOf('x'))).rejects.toMatchObject(denied);
  const { url: endpoint, region } = fake;
  const whole = new S3Storage({ bucket: 'test-bucket', endpoint, region, credentials: fake.keys });
  await expect(keysOf(whole)).rejects.toMatchObject(denied);
  await expect(readAll(whole.get('us/k'))).rejects.toMatchObject(denied);
  expect(await examine(urlOf(fake), '--reader')).toMatchObject({ kinds: [], untested: [] });
});

it.each([[[]], [['--instance', 'influxdb-0']]])('is what doctor calls good, also with %j', async (options) => {
  const documents = await policiesFor('--prefix', 'eu', ...options);
  const { fake } = await startWith(documents, documents.writerPolicy);
  expect((await examine(urlOf(fake))).kinds).toEqual([]);
});

it('refuses what is not encrypted on its way', async () => {
  const documents = await policiesFor();
  const { fake, storage } = await startWith(documents, documents.writerPolicy);
  fake.setBucketPolicy(documents.bucketPolicy);
  await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(denied);
});

it('prints commands with the same policies, and the ages that are wanted', async () => {
  const options = ['--prefix', 'eu', '--expire-after', '90', '--lock-for', '14'];
  const documents = await policiesFor(...options);
  const { stdout } = await ceres(['policy', 's3', '--bucket', 'test-bucket', ...options]);
  expect(documentsIn(stdout)).toEqual({
    'bucket-policy.json': documents.bucketPolicy,
    'writer-policy.json': documents.writerPolicy,
    'reader-policy.json': documents.readerPolicy,
    'lifecycle.json': documents.lifecycle,
    'object-lock.json': documents.objectLock,
  });
  expect(documents.lifecycle).toMatchObject({ Rules: [{ Filter: { Prefix: 'eu/' }, Expiration: { Days: 90 } }] });
  expect(documents.objectLock).toMatchObject({ Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 14 } } });
});
