import { FakeGcs, type FakeGcsOptions } from '@ceres/testkit';
import { onTestFinished } from 'vitest';
import { GcsStorage } from '../src/gcs-storage';
import type { GcsOptions } from '../src/options';

/** Starts a fake server that runs as long as the test, and returns it with a storage on its bucket. */
export async function startGcs(server: FakeGcsOptions = {}, options: Partial<GcsOptions> = {}) {
  const fake = await FakeGcs.start(server);
  onTestFinished(() => fake.close());
  return { fake, storage: new GcsStorage({ bucket: 'test-bucket', apiEndpoint: fake.url, ...options }) };
}
