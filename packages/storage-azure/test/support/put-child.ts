// Stores one object, and prints the outcome of each attempt.
import { fromUrl } from '@ceres/storage-azure';

const storage = fromUrl(new URL(`azblob://fakeaccount/test-container?endpoint=${process.env.AZURE_ENDPOINT}`));
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
