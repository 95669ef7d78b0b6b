import { S3Storage } from '@ceres/storage-s3';
import { FakeS3, influxdAvailable, type S3Keys, s3Policies } from '@ceres/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { backUp, expectAllFiles, expectOneBodyOfEach, expectRestored, faultsOf } from '../support/in-spite-of-faults';

const faults = faultsOf('SlowDown');
const renewed: S3Keys = { accessKeyId: 'RENEWED', secretAccessKey: 'renewed' };

/** Starts a bucket whose policy demands conditional writes, with a writer that may create and nothing else. */
async function startBucket(): Promise<FakeS3> {
  const fake = await FakeS3.start({ policy: s3Policies.writer });
  fake.setBucketPolicy(s3Policies.createOnly);
  onTestFinished(() => fake.close());
  return fake;
}

function storageOf({ url: endpoint }: FakeS3, keys: () => S3Keys): S3Storage {
  return new S3Storage({ bucket: 'test-bucket', prefix: 'eu', endpoint, credentials: async () => keys() });
}

describe('a whole backup on S3', () => {
  it('sends one PUT for each file, and nothing else, with an account that may do nothing else', async () => {
    const fake = await startBucket();
    await backUp(storageOf(fake, () => fake.keys));
    expect(fake.log.map(({ method, status }) => `${method} ${status}`)).toEqual(fake.log.map(() => 'PutObject 200'));
    expect(fake.log.map(({ object }) => object).sort()).toEqual([...fake.bucket().names()].sort());
    expectAllFiles(fake.bucket());
  });
});

describe.skipIf(!(await influxdAvailable()))('a whole backup on S3', () => {
  it('is listed, checked, restored and verified in spite of faults of every kind and credentials that expire in mid-run', async () => {
    const fake = await startBucket();
    let keys = fake.keys;
    fake.addUser(renewed, s3Policies.writer);
    await backUp(
      storageOf(fake, () => keys),
      (round) => {
        for (const fault of faults) fake.inject(fault);
        if (round !== 2) return;
        fake.expire(keys);
        setTimeout(() => {
          keys = renewed;
        }, 300);
      },
    );
    expect(fake.log.filter(({ status }) => status === 400).length).toBeGreaterThan(0);
    expect(fake.log.filter(({ method }) => method !== 'PutObject')).toEqual([]);
    expectOneBodyOfEach(
      fake.log.map(({ object: name, sha256 }) => ({ name, sha256 })),
      fake.bucket(),
    );

    fake.grant(s3Policies.reader, renewed);
    vi.stubEnv('AWS_ACCESS_KEY_ID', renewed.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', renewed.secretAccessKey);
    onTestFinished(() => void vi.unstubAllEnvs());
    const url = `s3://test-bucket/eu?endpoint=${fake.url}`;
    await expectRestored(fake, { url, faults, list: 'ListObjectsV2', get: 'GetObject' });
  });
});
