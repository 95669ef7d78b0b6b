import { FakeS3, type FakeS3Options } from '@ceres/testkit';
import { onTestFinished } from 'vitest';
import type { S3Options } from '../src/options';
import { S3Storage } from '../src/s3-storage';

/** Starts a fake server that runs as long as the test, and returns it with a storage on its bucket. */
export async function startS3(server: FakeS3Options = {}, options: Partial<S3Options> = {}) {
  const fake = await FakeS3.start(server);
  onTestFinished(() => fake.close());
  return { fake, storage: storageOn(fake, options) };
}

export function storageOn(fake: FakeS3, options: Partial<S3Options> = {}): S3Storage {
  return new S3Storage({
    bucket: 'test-bucket',
    endpoint: fake.url,
    region: fake.region,
    credentials: fake.keys,
    ...options,
  });
}
