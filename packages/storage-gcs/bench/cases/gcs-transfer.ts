import { pipeline } from 'node:stream/promises';
import { GcsStorage } from '@ceres/storage-gcs';
import type { ServerThread, Transfers } from '@ceres/testkit';
import { Storage } from '@google-cloud/storage';

const bucket = 'test-bucket';

/** Both clients have the options that the adapter uses. */
export function gcsTransfers({ url: apiEndpoint }: ServerThread): Transfers {
  const client = new Storage({ apiEndpoint, retryOptions: { autoRetry: false, maxRetries: 0 } });
  const fileOf = (name: string) => client.bucket(bucket).file(name);
  return {
    store: 'gcs',
    peer: '@google-cloud/storage 7.22.0, same options',
    ours: new GcsStorage({ bucket, apiEndpoint }),
    theirs: {
      put: async (name, body) => {
        const upload = fileOf(name).createWriteStream({
          resumable: false,
          validation: false,
          preconditionOpts: { ifGenerationMatch: 0 },
          metadata: { contentType: 'application/gzip', cacheControl: 'no-transform', md5Hash: body.md5 },
        });
        await pipeline(body.open(), upload);
      },
      get: async (name) => fileOf(name).createReadStream({ decompress: false, validation: false }),
    },
  };
}
