import { storageConformance } from '@ceres/storage/conformance';
import { FakeS3 } from '@ceres/testkit';
import { afterEach, describe, it } from 'vitest';
import { storageOn } from './helpers';

const running: FakeS3[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((fake) => fake.close()));
});

describe('S3Storage against the fake S3 server', () => {
  storageConformance({ describe, it }, async () => {
    const fake = await FakeS3.start();
    running.push(fake);
    return storageOn(fake);
  });
});
