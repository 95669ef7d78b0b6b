import type { Readable } from 'node:stream';
import { StorageError } from '@ceres/storage';
import { type ByteRange, watched } from '@ceres/storage/adapter';
import type { Storage } from '@google-cloud/storage';
import { explain } from '../answers';
import type { Bucket } from '../client/bucket';
import { inOneAttempt } from '../client/one-attempt';
import { closeConnectionWithDownload } from '../client/own-connection';
import type { ResolvedOptions } from '../options';

/**
 * Yields an object's bytes as stored. The client's stream neither ends nor fails when its connection dies half-way, so the
 * wait for bytes is limited here; and it does not notice a body that is too short, so the bytes are counted here.
 */
export async function* readObjectBytes(
  { options, client, answers }: Bucket,
  key: string,
  { start, end }: ByteRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (start === end) return; // a range of no bytes cannot be written as a Range header
  const { bucket, prefix, idleTimeoutMs } = options;
  const what = `read "${prefix}${key}" in gs://${bucket}`;
  const unavailable = (why: string) => new StorageError('UNAVAILABLE', `Cannot ${what}: ${why}.`, { key });

  const google = await client.get({ what, key, signal });
  const stopWatching = answers.watch(google.apiEndpoint);
  const { stream, expectedBytes } = openDownload(google, options, prefix + key, { start, end });
  const idle = () => stream.destroy(unavailable(`no bytes in ${idleTimeoutMs} ms`));
  let bytes = 0;
  try {
    for await (const chunk of watched(stream, { idleTimeoutMs, idle, signal })) {
      bytes += chunk.byteLength;
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof StorageError) throw error;
    const { means, error: fault } = explain('get', what, key, error);
    if (means !== 'nothing') throw fault;
    return;
  } finally {
    stopWatching();
  }
  const expected = await expectedBytes;
  if (bytes !== expected) throw unavailable(`it ended after ${bytes} of ${expected} bytes`);
}

/** Opens the request. `end` is exclusive here and inclusive in HTTP. */
function openDownload(
  client: Storage,
  { bucket, idleTimeoutMs }: ResolvedOptions,
  name: string,
  { start, end }: ByteRange,
) {
  const file = inOneAttempt(client.bucket(bucket).file(name), idleTimeoutMs);
  const isRange = start > 0 || end < Infinity;
  const stream: Readable = file.createReadStream({
    decompress: false,
    validation: false, // every file has a digest of its content; checksums here would cost a core
    ...(isRange && { start }),
    ...(end < Infinity && { end: end - 1 }),
  });
  return { stream, expectedBytes: closeConnectionWithDownload(stream) };
}
