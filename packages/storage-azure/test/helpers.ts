import { FakeAzure, type FakeAzureOptions } from '@ceres/testkit';
import { onTestFinished } from 'vitest';
import { AzureStorage } from '../src/azure-storage';
import type { AzureOptions } from '../src/options';

/** Starts a fake server that runs as long as the test, and returns it with a storage on its container. */
export async function startAzure(permissions = 'crl', options: Partial<AzureOptions> = {}, server?: FakeAzureOptions) {
  const fake = await FakeAzure.start(server);
  onTestFinished(() => fake.close());
  return { fake, storage: storageOn(fake, permissions, options) };
}

/** @param permissions those of the SAS */
export function storageOn(fake: FakeAzure, permissions = 'crl', options: Partial<AzureOptions> = {}): AzureStorage {
  return new AzureStorage({
    account: fake.account,
    container: 'test-container',
    endpoint: fake.url,
    sas: fake.sas(permissions),
    ...options,
  });
}
