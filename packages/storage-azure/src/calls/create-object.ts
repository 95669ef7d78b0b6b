import { Readable } from 'node:stream';
import { type CallOptions, type ObjectBody, StorageError } from '@ceres/storage';
import { refuseWrongBody, WatchedBody, withDeadline } from '@ceres/storage/adapter';
import { explain } from '../answers';
import type { Container } from '../client/container';

/** Creates an object by one Put Blob, which needs the permission `c` and nothing else, and which never overwrites. */
export async function createObject(
  container: Container,
  key: string,
  body: ObjectBody,
  { signal }: CallOptions,
): Promise<'created' | 'exists'> {
  const { attemptTimeoutMs } = container.options;
  const what = `store ${container.place(key)}`;
  const late = () => new StorageError('UNAVAILABLE', `Cannot ${what}: no answer in ${attemptTimeoutMs} ms.`, { key });

  return await withDeadline({ ms: attemptTimeoutMs, error: late, signal }, async (limited) => {
    const source = new WatchedBody(key, body, limited);
    try {
      await upload(container, key, body, source, limited);
      return 'created';
    } catch (error) {
      if (source.failure !== undefined) throw source.failure.error;
      const { means, error: fault } = explain('put', { what, key, cause: error });
      if (means === 'exists') return 'exists';
      if (means === 'CHECKSUM_MISMATCH') await refuseWrongBody(key, body, limited);
      throw fault;
    }
  });
}

/** Sends the request. The SDK's other ways to upload may send blocks, which a SAS of `c` alone cannot. */
async function upload(
  container: Container,
  key: string,
  { sizeBytes, md5 }: ObjectBody,
  source: WatchedBody,
  signal: AbortSignal,
): Promise<void> {
  const client = await container.client();
  const blob = client.getBlockBlobClient(container.options.prefix + key);
  const stream = Readable.from(source.chunks(), { objectMode: false, highWaterMark: 1024 * 1024 });
  // The SDK pipes the stream into its request, and a pipe does not pass on that its source has failed.
  const ended = new AbortController();
  const end = () => ended.abort();
  stream.once('error', end);
  signal.addEventListener('abort', end, { once: true });
  try {
    signal.throwIfAborted();
    const contentMd5 = md5 === undefined ? undefined : Buffer.from(md5, 'base64');
    await blob.upload(stream, sizeBytes, {
      abortSignal: ended.signal,
      conditions: { ifNoneMatch: '*' },
      blobHTTPHeaders: {
        // Never blobContentEncoding 'gzip': clients would unpack the file when they download it.
        blobContentType: 'application/gzip',
        blobCacheControl: 'no-transform',
        ...(contentMd5 !== undefined && { blobContentMD5: contentMd5 }),
      },
    });
  } finally {
    signal.removeEventListener('abort', end);
    if (!stream.readableEnded) end(); // An answer before the end of the body leaves a half-sent request: close its connection.
    stream.destroy();
  }
}
