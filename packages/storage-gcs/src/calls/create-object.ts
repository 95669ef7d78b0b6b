import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CallOptions, type ObjectBody, StorageError } from '@ceres/storage';
import { readBody, withDeadline } from '@ceres/storage/adapter';
import { judge } from '../answers';
import { inOneAttempt } from '../client/one-attempt';
import { closeConnectionWithUpload } from '../client/own-connection';
import type { ResolvedOptions } from '../options';

/** One POST, which needs `storage.objects.create` and nothing else, and which never overwrites. */
export async function createObject(
  options: ResolvedOptions,
  key: string,
  body: ObjectBody,
  { signal }: CallOptions,
): Promise<'created' | 'exists'> {
  const { bucket, prefix, attemptTimeoutMs } = options;
  const what = `store "${prefix}${key}" in gs://${bucket}`;
  const late = () => new StorageError('UNAVAILABLE', `Cannot ${what}: no answer in ${attemptTimeoutMs} ms.`, { key });

  return await withDeadline({ ms: attemptTimeoutMs, error: late, signal }, async (limited) => {
    const source = new WatchedBody(key, body, limited);
    try {
      await pipeline(source.chunks(), openUpload(options, prefix + key, body), { signal: limited });
      return 'created';
    } catch (error) {
      if (source.failure !== undefined) throw source.failure.error;
      const { means, error: fault } = judge('put', what, key, error);
      if (means === 'exists') return 'exists';
      if (means === 'CHECKSUM_MISMATCH') await refuseWrongBody(key, body, limited);
      throw fault;
    }
  });
}

/**
 * Not resumable: files are tens of MB, and a session costs a second request. Nothing is validated by the client: on a
 * mismatch it deletes the object, which a create-only account cannot. The declared MD5 lets Google refuse it instead.
 */
function openUpload({ client, bucket, attemptTimeoutMs }: ResolvedOptions, name: string, body: ObjectBody): Writable {
  const file = inOneAttempt(client.bucket(bucket).file(name), attemptTimeoutMs);
  const upload = {
    resumable: false,
    validation: false,
    preconditionOpts: { ifGenerationMatch: 0 },
    metadata: {
      // Never contentEncoding 'gzip': Google would then unpack the file on its way out.
      contentType: 'application/gzip',
      cacheControl: 'no-transform',
      ...(body.md5 !== undefined && { md5Hash: body.md5 }),
    },
  };
  return closeConnectionWithUpload(file, () => file.createWriteStream(upload));
}

/**
 * Google has refused the checksum: either the body is not what it was declared, for good, or it was changed on the way.
 *
 * @throws StorageError `CHECKSUM_MISMATCH`, not retryable, in the first case
 */
async function refuseWrongBody(key: string, body: ObjectBody, signal: AbortSignal): Promise<void> {
  for await (const _ of readBody(key, body, { signal }));
}

/** A body that remembers whether it was what failed: of a broken pipeline one cannot tell. */
class WatchedBody {
  failure: { readonly error: unknown } | undefined;
  readonly #chunks: AsyncIterable<Uint8Array>;

  constructor(key: string, body: ObjectBody, signal: AbortSignal) {
    this.#chunks = readBody(key, body, { signal, checkMd5: false });
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* this.#chunks;
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}
