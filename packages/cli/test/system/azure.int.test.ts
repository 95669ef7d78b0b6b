import { AzureStorage } from '@ceres/storage-azure';
import { FakeAzure, influxdAvailable } from '@ceres/testkit';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { backUp, expectAllFiles, expectOneBodyOfEach, expectRestored, faultsOf } from '../support/in-spite-of-faults';

const faults = faultsOf('ServerBusy');

async function startContainer(): Promise<FakeAzure> {
  const fake = await FakeAzure.start();
  onTestFinished(() => fake.close());
  return fake;
}

function storageOf({ account, url: endpoint }: FakeAzure, sas: () => string): AzureStorage {
  return new AzureStorage({ account, container: 'test-container', prefix: 'eu', endpoint, sas });
}

describe('a whole backup on Azure', () => {
  it('sends one Put Blob for each file, and nothing else, with a SAS that may do nothing else', async () => {
    const fake = await startContainer();
    await backUp(storageOf(fake, () => fake.sas('c')));
    expect(fake.log.map(({ method, status }) => `${method} ${status}`)).toEqual(fake.log.map(() => 'PutBlob 201'));
    expect(fake.log.map(({ blob }) => blob).sort()).toEqual([...fake.bucket().names()].sort());
    expectAllFiles(fake.bucket());
  });
});

describe.skipIf(!(await influxdAvailable()))('a whole backup on Azure', () => {
  it('is listed, checked, restored and verified in spite of faults of every kind and a SAS that expires in mid-run', async () => {
    const fake = await startContainer();
    const expired = fake.sas('c', new Date(Date.now() - 1000));
    let sas = fake.sas('c');
    await backUp(
      storageOf(fake, () => sas),
      (round) => {
        for (const fault of faults) fake.inject(fault);
        if (round !== 2) return;
        sas = expired;
        setTimeout(() => {
          sas = fake.sas('c');
        }, 300);
      },
    );
    expect(fake.log.filter(({ query }) => Date.parse(query.se ?? '') < Date.now()).length).toBeGreaterThan(0);
    expect(fake.log.filter(({ method }) => method !== 'PutBlob')).toEqual([]);
    expectOneBodyOfEach(
      fake.log.map(({ blob: name, sha256 }) => ({ name, sha256 })),
      fake.bucket(),
    );

    vi.stubEnv('AZURE_STORAGE_SAS_TOKEN', fake.sas('rl'));
    onTestFinished(() => void vi.unstubAllEnvs());
    const url = `azblob://${fake.account}/test-container/eu?endpoint=${fake.url}`;
    await expectRestored(fake, { url, faults, list: 'ListBlobs', get: 'GetBlob' });
  });
});
