import type { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { StorageError } from '@ceres/storage';
import { type ByteRange, watched, withDeadline } from '@ceres/storage/adapter';
import { explain } from '../answers';
import type { Bucket } from '../client/bucket';

/** Yields an object's bytes as stored. The SDK waits for bytes without end and does not count them, so that is done here. */
export async function* readObjectBytes(
  bucket: Bucket,
  key: string,
  range: ByteRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (range.start === range.end) return; // a range of no bytes cannot be written as a Range header
  const { idleTimeoutMs } = bucket.options;
  const what = `read ${bucket.place(key)}`;
  const unavailable = (why: string) => new StorageError('UNAVAILABLE', `Cannot ${what}: ${why}.`, { key });
  const silent = () => unavailable(`no bytes in ${idleTimeoutMs} ms`);

  let bytes = 0;
  let expected: number | undefined;
  try {
    const limit = { ms: idleTimeoutMs, error: silent, signal };
    const answer = await withDeadline(limit, (limited) => openDownload(bucket, key, range, limited));
    const stream = answer.stream;
    expected = answer.sizeBytes;
    const idle = () => stream.destroy(silent());
    for await (const chunk of watched(stream, { idleTimeoutMs, idle, signal })) {
      bytes += chunk.byteLength;
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof StorageError) throw error;
    const { means, error: fault } = explain(bucket, 'get', { what, key, cause: error });
    if (means !== 'nothing') throw fault;
    return;
  }
  if (bytes !== expected) throw unavailable(`it ended after ${bytes} of ${expected} bytes`);
}

/** Opens the request. `end` is exclusive here and inclusive in HTTP. */
async function openDownload(
  { options, client }: Bucket,
  key: string,
  { start, end }: ByteRange,
  signal: AbortSignal,
): Promise<{ readonly stream: Readable; readonly sizeBytes: number | undefined }> {
  const isRange = start > 0 || end < Infinity;
  const command = new GetObjectCommand({
    Bucket: options.bucket,
    Key: options.prefix + key,
    ...(isRange && { Range: `bytes=${start}-${end < Infinity ? end - 1 : ''}` }),
  });
  const { Body, ContentLength } = await client.send(command, { abortSignal: signal });
  if (Body === undefined) throw new TypeError('The SDK returns a body with every object.');
  return { stream: Body as Readable, sizeBytes: ContentLength };
}
