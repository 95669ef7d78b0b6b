// Compares Azure with its SDK called by hand: `npm run bench -- storage`.
import { AzureStorage } from '@ceres/storage-azure';
import { compareGets, comparePuts, reportImportTime, reportListHeap, startServerThread } from '@ceres/testkit';
import { azureTransfers } from './cases/azure-transfer';
import { placeOf } from './cases/place';

const keys = 1_000_000;

export async function run(): Promise<void> {
  for (const report of [comparePuts, compareGets]) {
    await using server = await startServerThread('FakeAzure');
    await report(azureTransfers(server));
  }
  await listHeap();
  reportImportTime('storage-azure', new URL('..', import.meta.url));
}

async function listHeap(): Promise<void> {
  await using server = await startServerThread('FakeAzure', keys);
  await reportListHeap('azure-list-heap-mb', new AzureStorage(placeOf(server)).list(''), keys);
}
