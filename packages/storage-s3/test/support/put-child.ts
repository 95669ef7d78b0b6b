// Stores one object, and prints the outcome of each attempt.
import { S3Storage } from '@ceres/storage-s3';

const storage = new S3Storage({ bucket: 'test-bucket', endpoint: process.env.S3_ENDPOINT ?? '' });
const bytes = Buffer.alloc(300_000, 'x');
const body = {
  sizeBytes: bytes.byteLength,
  async *open() {
    yield bytes;
  },
};
for (let attempt = 1; attempt <= 3; attempt += 1) {
  console.log(await storage.put('k', body).catch(({ code }: { readonly code: string }) => code));
}
