import { pipeline } from 'node:stream/promises';
import { GcsStorage } from '@ceres/storage-gcs';
import { benchFile, compare, megabytesOf, startServerThread } from '@ceres/testkit';
import { Storage } from '@google-cloud/storage';

const body = benchFile();

const bucket = 'test-bucket';
const peer = '@google-cloud/storage 7.22.0, same options';

/** Returns a client with the options that the adapter uses. */
function makeClient(apiEndpoint: string): Storage {
  return new Storage({ apiEndpoint, retryOptions: { autoRetry: false, maxRetries: 0 } });
}

export async function gcsPutVsSdk(): Promise<void> {
  await using server = await startServerThread('FakeGcs');
  const storage = new GcsStorage({ bucket, apiEndpoint: server.url });
  const client = makeClient(server.url);
  let file = 0;
  await compare({
    bench: 'storage',
    case: 'gcs-put-vs-sdk',
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

export async function gcsGetVsSdk(): Promise<void> {
  await using server = await startServerThread('FakeGcs');
  const storage = new GcsStorage({ bucket, apiEndpoint: server.url });
  const client = makeClient(server.url);
  await storage.put('file.gz', body);
  await compare({
    bench: 'storage',
    case: 'gcs-get-vs-sdk',
    unit: 'MB/s',
    peer,
    rounds: 15,
    ours: () => megabytesOf(storage.get('file.gz')),
    theirs: () =>
      megabytesOf(client.bucket(bucket).file('file.gz').createReadStream({ decompress: false, validation: false })),
  });
}

async function putByHand(client: Storage, name: string): Promise<void> {
  const upload = client
    .bucket(bucket)
    .file(name)
    .createWriteStream({
      resumable: false,
      validation: false,
      preconditionOpts: { ifGenerationMatch: 0 },
      metadata: { contentType: 'application/gzip', cacheControl: 'no-transform', md5Hash: body.md5 },
    });
  await pipeline(body.open(), upload);
}
