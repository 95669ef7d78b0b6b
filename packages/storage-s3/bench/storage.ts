// Compares S3 with its SDK called by hand: `npm run bench -- storage`.
import { S3Storage } from '@ceres/storage-s3';
import { compareGets, comparePuts, reportImportTime, reportListHeap, startServerThread } from '@ceres/testkit';
import { placeOf } from './cases/place';
import { s3Transfers } from './cases/s3-transfer';

const keys = 1_000_000;

export async function run(): Promise<void> {
  for (const report of [comparePuts, compareGets]) {
    await using server = await startServerThread('FakeS3');
    await report(s3Transfers(server));
  }
  await s3ListHeap();
  reportImportTime('storage-s3', new URL('..', import.meta.url));
}

async function s3ListHeap(): Promise<void> {
  await using server = await startServerThread('FakeS3', keys);
  await reportListHeap('s3-list-heap-mb', new S3Storage(placeOf(server)).list(''), keys);
}
