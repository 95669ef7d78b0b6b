import { storageConformance } from '@ceres/storage/conformance';
import { FakeGcs } from '@ceres/testkit';
import { afterEach, describe, it } from 'vitest';
import { GcsStorage } from '../src/gcs-storage';

const running: FakeGcs[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((fake) => fake.close()));
});

async function open(prefix: string): Promise<GcsStorage> {
  const fake = await FakeGcs.start();
  running.push(fake);
  return new GcsStorage({ bucket: 'test-bucket', prefix, apiEndpoint: fake.url });
}

describe('GcsStorage against the fake Google server', () => {
  storageConformance({ describe, it }, () => open(''));
});
