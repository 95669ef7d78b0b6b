import { storageConformance } from '@ceres/storage/conformance';
import { FakeAzure } from '@ceres/testkit';
import { afterEach, describe, it } from 'vitest';
import { storageOn } from './helpers';

const running: FakeAzure[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((fake) => fake.close()));
});

describe('AzureStorage against the fake Azure server', () => {
  storageConformance({ describe, it }, async () => {
    const fake = await FakeAzure.start();
    running.push(fake);
    return storageOn(fake);
  });
});
