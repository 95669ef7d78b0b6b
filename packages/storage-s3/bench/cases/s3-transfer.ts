import type { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { S3Storage } from '@ceres/storage-s3';
import type { ServerThread, Transfers } from '@ceres/testkit';
import { placeOf } from './place';

const Bucket = 'test-bucket';

/** The caller by hand sends the whole file from memory: then the SDK signs its SHA-256, too. */
export function s3Transfers(server: ServerThread): Transfers {
  const place = placeOf(server);
  const client = new S3Client({ ...place, maxAttempts: 1, requestChecksumCalculation: 'WHEN_REQUIRED' });
  return {
    store: 's3',
    peer: '@aws-sdk/client-s3 3.1175.0, by hand',
    ours: new S3Storage(place),
    theirs: {
      put: (Key, { content: Body, md5: ContentMD5 }) =>
        client.send(new PutObjectCommand({ Bucket, Key, Body, ContentMD5, IfNoneMatch: '*' })),
      get: async (Key) => (await client.send(new GetObjectCommand({ Bucket, Key }))).Body as Readable,
    },
  };
}
