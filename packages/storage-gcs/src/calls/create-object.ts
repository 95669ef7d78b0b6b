import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type CallOptions, type ObjectBody, StorageError } from '@ceres/storage';
import { refuseWrongBody, WatchedBody, withDeadline } from '@ceres/storage/adapter';
import type { Storage } from '@google-cloud/storage';
import { explain } from '../answers';
import type { Bucket } from '../client/bucket';
import { inOneAttempt } from '../client/one-attempt';
import { closeConnectionWithUpload } from '../client/own-connection';
import type { ResolvedOptions } from '../options';

/** Creates an object by one POST, which needs `storage.objects.create` and nothing else, and which never overwrites. */
export async function createObject(
  { options, client, answers }: Bucket,
  key: string,
  body: ObjectBody,
  { signal }: CallOptions,
): Promise<'created' | 'exists'> {
  const { bucket, prefix, attemptTimeoutMs } = options;
  const what = `store "${prefix}${key}" in gs://${bucket}`;
  const late = () => new StorageError('UNAVAILABLE', `Cannot ${what}: no answer in ${attemptTimeoutMs} ms.`, { key });

  return await withDeadline({ ms: attemptTimeoutMs, error: late, signal }, async (limited) => {
    const google = await client.get({ what, key, signal: limited });
    const source = new WatchedBody(key, body, limited);
    const upload = () =>
      pipeline(source.chunks(), openUpload(google, options, prefix + key, body), { signal: limited });
    try {
      await answers.during(google.apiEndpoint, upload);
      return 'created'; // The head of the answer says so: it does not matter if the rest is cut off.
    } catch (error) {
      if (source.failure !== undefined) throw source.failure.error;
      const { means, error: fault } = explain('put', what, key, error);
      if (means === 'exists') return 'exists';
      if (means === 'CHECKSUM_MISMATCH') await refuseWrongBody(key, body, limited);
      throw fault;
    }
  });
}

/**
 * Opens the request. It is not resumable: files are tens of MB, and a resumable session costs a second request. The client
 * does not validate: on a mismatch it deletes the object, which a create-only account cannot do. Google refuses the
 * upload instead, by the declared MD5.
 */
function openUpload(
  client: Storage,
  { bucket, attemptTimeoutMs }: ResolvedOptions,
  name: string,
  body: ObjectBody,
): Writable {
  const file = inOneAttempt(client.bucket(bucket).file(name), attemptTimeoutMs);
  const upload = {
    resumable: false,
    validation: false,
    preconditionOpts: { ifGenerationMatch: 0 },
    metadata: {
      // Never contentEncoding 'gzip': Google would then unpack the file when it is downloaded.
      contentType: 'application/gzip',
      cacheControl: 'no-transform',
      ...(body.md5 !== undefined && { md5Hash: body.md5 }),
    },
  };
  return closeConnectionWithUpload(file, () => file.createWriteStream(upload));
}
