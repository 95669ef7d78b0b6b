import type { S3Options } from '@ceres/storage-s3';
import { fakeS3Keys, type ServerThread } from '@ceres/testkit';

/** Returns the options for the bucket of a server. */
export function placeOf({ url }: ServerThread) {
  return {
    bucket: 'test-bucket',
    endpoint: url,
    region: 'us-east-1',
    credentials: fakeS3Keys,
    forcePathStyle: true,
  } satisfies S3Options;
}
