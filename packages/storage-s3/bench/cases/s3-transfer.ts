import type { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { S3Storage } from '@ceres/storage-s3';
import { benchFile, compare, megabytesOf, startServerThread } from '@ceres/testkit';
import { placeOf } from './place';

const body = benchFile();
const Bucket = 'test-bucket';
const peer = '@aws-sdk/client-s3 3.1175.0, by hand';

export async function s3PutVsSdk(): Promise<void> {
  await using server = await startServerThread('FakeS3');
  const storage = new S3Storage(placeOf(server));
  const client = makeClient(placeOf(server));
  let file = 0;
  await compare({
    bench: 'storage',
    case: 's3-put-vs-sdk',
    unit: 'MB/s',
    peer,
    rounds: 15,
    ours: async () => {
      file += 1;
      await storage.put(`${file}.gz`, body);
      return body.megabytes;
    },
    theirs: async () => {
      file += 1;
      await putByHand(client, `${file}.gz`);
      return body.megabytes;
    },
  });
}

export async function s3GetVsSdk(): Promise<void> {
  await using server = await startServerThread('FakeS3');
  const storage = new S3Storage(placeOf(server));
  const client = makeClient(placeOf(server));
  await storage.put('file.gz', body);
  await compare({
    bench: 'storage',
    case: 's3-get-vs-sdk',
    unit: 'MB/s',
    peer,
    rounds: 15,
    ours: () => megabytesOf(storage.get('file.gz')),
    theirs: async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'file.gz' }));
      return await megabytesOf(Body as Readable);
    },
  });
}

function makeClient(place: ReturnType<typeof placeOf>): S3Client {
  return new S3Client({ ...place, maxAttempts: 1, requestChecksumCalculation: 'WHEN_REQUIRED' });
}

/** Sends the whole file from memory: then the SDK signs its SHA-256, too. */
async function putByHand(client: S3Client, Key: string): Promise<void> {
  const { content: Body, md5: ContentMD5 } = body;
  await client.send(new PutObjectCommand({ Bucket, Key, Body, ContentMD5, IfNoneMatch: '*' }));
}
