import type { Readable } from 'node:stream';
import { type ByteRange, type Download, download } from '@ceres/storage/adapter';
import { explain } from '../answers';
import type { Container } from '../client/container';

/** Yields an object's bytes as stored. */
export async function* readObjectBytes(
  container: Container,
  key: string,
  range: ByteRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (range.start === range.end) return; // a range of no bytes cannot be written as a Range header
  yield* download({
    what: `read ${container.place(key)}`,
    key,
    idleTimeoutMs: container.options.idleTimeoutMs,
    signal,
    open: (limited) => openDownload(container, key, range, limited),
    explain: (failed) => explain('get', failed),
  });
}

/** Opens the request. */
async function openDownload(
  container: Container,
  key: string,
  { start, end }: ByteRange,
  signal: AbortSignal,
): Promise<Download> {
  const client = await container.client();
  const blob = client.getBlobClient(container.options.prefix + key);
  const count = end < Infinity ? end - start : undefined;
  const answer = await blob.download(start, count, { abortSignal: signal, maxRetryRequests: 0 });
  const { readableStreamBody, contentLength } = answer;
  if (readableStreamBody === undefined) throw new TypeError('The SDK returns a stream with every blob.');
  return { stream: readableStreamBody as Readable, sizeBytes: contentLength };
}
