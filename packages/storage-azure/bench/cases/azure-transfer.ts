import { BlobServiceClient, newPipeline } from '@azure/storage-blob';
import { AzureStorage } from '@ceres/storage-azure';
import type { ServerThread, Transfers } from '@ceres/testkit';
import { placeOf } from './place';

/** The caller by hand sends the whole file from memory. */
export function azureTransfers(server: ServerThread): Transfers {
  const place = placeOf(server);
  const pipeline = newPipeline(undefined, { retryOptions: { maxTries: 1 } });
  const client = new BlobServiceClient(`${place.endpoint}?${place.sas}`, pipeline).getContainerClient(place.container);
  return {
    store: 'azure',
    peer: '@azure/storage-blob 12.32.0, by hand',
    ours: new AzureStorage(place),
    theirs: {
      put: (name, { content, sizeBytes, md5 }) =>
        client.getBlockBlobClient(name).upload(content, sizeBytes, {
          conditions: { ifNoneMatch: '*' },
          blobHTTPHeaders: { blobContentType: 'application/gzip', blobContentMD5: Buffer.from(md5, 'base64') },
        }),
      get: async (name) => {
        const { readableStreamBody } = await client.getBlobClient(name).download();
        if (readableStreamBody === undefined) throw new Error('The SDK returned no stream.');
        return readableStreamBody as AsyncIterable<Uint8Array>;
      },
    },
  };
}
