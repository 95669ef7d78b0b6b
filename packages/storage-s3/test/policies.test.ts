import { readFile } from 'node:fs/promises';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3Policy } from '@ceres/testkit';
import { bodyOf, FakeS3, keysOf, readAll } from '@ceres/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { storageOn } from './helpers';

const page = await readFile(new URL('../../../docs/storage-s3.md', import.meta.url), 'utf8');
const names: Readonly<Record<string, string>> = { $BUCKET: 'test-bucket', $INSTANCE: 'i' };

/** Returns the policies that the page writes into files of this name. */
function policiesIn(file: string): readonly S3Policy[] {
  const blocks = page.matchAll(new RegExp(`cat > ${file} <<END\n(.*?)\nEND\n`, 'gs'));
  return [...blocks].map(([, json = '']) => JSON.parse(json.replace(/\$[A-Z]+/g, (name) => names[name] ?? name)));
}

const [bucketPolicy] = policiesIn('bucket-policy.json');
const [writer, writerOfOneInstance] = policiesIn('writer-policy.json');
const [reader] = policiesIn('reader-policy.json');

/** Starts a bucket with the policy of the page, but without its demand for TLS, which the fake does not have. */
async function start(policy: S3Policy | undefined) {
  const statements = bucketPolicy?.Statement.filter(({ Sid }) => Sid !== 'OnlyEncrypted') ?? [];
  if (policy === undefined || statements.length !== 1) throw new Error('The page has no such policy.');
  const fake = await FakeS3.start({ policy });
  fake.setBucketPolicy({ Statement: statements });
  onTestFinished(() => fake.close());
  return { fake, storage: storageOn(fake) };
}

const denied = { code: 'DENIED' };

describe('the policies of docs/storage-s3.md', () => {
  it('let the writer create, and neither overwrite nor read nor list nor delete', async () => {
    const { fake, storage } = await start(writer);
    expect(await storage.put('k', bodyOf('first'))).toBe('created');
    expect(await storage.put('k', bodyOf('second'))).toBe('exists');
    await expect(readAll(storage.get('k'))).rejects.toMatchObject(denied);
    await expect(keysOf(storage)).rejects.toMatchObject(denied);
    const thief = new S3Client({
      endpoint: fake.url,
      region: fake.region,
      credentials: fake.keys,
      forcePathStyle: true,
    });
    for (const more of [{}, { IfMatch: '"fake"' }]) {
      const overwrite = new PutObjectCommand({ Bucket: 'test-bucket', Key: 'k', Body: 'third', ...more });
      await expect(thief.send(overwrite)).rejects.toMatchObject({ name: 'AccessDenied' });
    }
    expect(String(fake.bucket().get('k')?.bytes)).toBe('first');
  });

  it('let the writer of one instance create its files, heartbeats and refused records, and no others', async () => {
    const { storage } = await start(writerOfOneInstance);
    for (const key of ['i/db/rp/1.gz', '~heartbeat/i/s/1', '~quarantine/i/1']) {
      expect(await storage.put(key, bodyOf('x'))).toBe('created');
    }
    for (const key of ['j/db/rp/1.gz', '~heartbeat/j/s/1', 'x']) {
      await expect(storage.put(key, bodyOf('x'))).rejects.toMatchObject(denied);
    }
  });

  it('let the reader list and read, and not create', async () => {
    const { fake, storage } = await start(reader);
    fake.bucket().seed(['k']);
    expect(await keysOf(storage)).toEqual(['k']);
    expect(await readAll(storage.get('k'))).toHaveLength(0);
    await expect(storage.put('k2', bodyOf('x'))).rejects.toMatchObject(denied);
  });

  it('refuse everything that is not encrypted on its way', async () => {
    const { fake, storage } = await start(writer);
    if (bucketPolicy !== undefined) fake.setBucketPolicy(bucketPolicy);
    await expect(storage.put('k', bodyOf('x'))).rejects.toMatchObject(denied);
  });
});
