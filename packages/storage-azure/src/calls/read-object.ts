import type { Readable } from 'node:stream';
import { StorageError } from '@ceres/storage';
import { type ByteRange, watched, withDeadline } from '@ceres/storage/adapter';
import { explain } from '../answers';
import type { Container } from '../client/container';

/** Yields an object's bytes as stored. The SDK waits for bytes without end, so the wait is limited here. */
export async function* readObjectBytes(
  container: Container,
  key: string,
  range: ByteRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (range.start === range.end) return; // a range of no bytes cannot be written as a Range header
  const { idleTimeoutMs } = container.options;
  const what = `read ${container.place(key)}`;
  const unavailable = (why: string) => new StorageError('UNAVAILABLE', `Cannot ${what}: ${why}.`, { key });
  const silent = () => unavailable(`no bytes in ${idleTimeoutMs} ms`);

  let bytes = 0;
  let expected: number | undefined;
  try {
    const limit = { ms: idleTimeoutMs, error: silent, signal };
    const answer = await withDeadline(limit, (limited) => openDownload(container, key, range, limited));
    expected = answer.sizeBytes;
    const idle = () => answer.stream.destroy(silent());
    for await (const chunk of watched(answer.stream, { idleTimeoutMs, idle, signal })) {
      bytes += chunk.byteLength;
      yield chunk;
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof StorageError) throw error;
    if (expected !== undefined) throw unavailable(`it ended after ${bytes} of ${expected} bytes`);
    const { means, error: fault } = explain('get', { what, key, cause: error });
    if (means !== 'nothing') throw fault;
    return;
  }
  if (bytes !== expected) throw unavailable(`it ended after ${bytes} of ${expected} bytes`);
}

/** Opens the request. */
async function openDownload(
  container: Container,
  key: string,
  { start, end }: ByteRange,
  signal: AbortSignal,
): Promise<{ readonly stream: Readable; readonly sizeBytes: number | undefined }> {
  const client = await container.client();
  const blob = client.getBlobClient(container.options.prefix + key);
  const count = end < Infinity ? end - start : undefined;
  const answer = await blob.download(start, count, { abortSignal: signal, maxRetryRequests: 0 });
  const { readableStreamBody, contentLength } = answer;
  if (readableStreamBody === undefined) throw new TypeError('The SDK returns a stream with every blob.');
  return { stream: readableStreamBody as Readable, sizeBytes: contentLength };
}
