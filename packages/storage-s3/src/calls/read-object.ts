import type { Readable } from 'node:stream';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { type ByteRange, type Download, download } from '@ceres/storage/adapter';
import { explain } from '../answers';
import type { Bucket } from '../client/bucket';

/** Yields an object's bytes as stored. */
export async function* readObjectBytes(
  bucket: Bucket,
  key: string,
  range: ByteRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  if (range.start === range.end) return; // a range of no bytes cannot be written as a Range header
  yield* download({
    what: `read ${bucket.place(key)}`,
    key,
    idleTimeoutMs: bucket.options.idleTimeoutMs,
    signal,
    open: (limited) => openDownload(bucket, key, range, limited),
    explain: (failed) => explain(bucket, 'get', failed),
  });
}

/** Opens the request. `end` is exclusive here and inclusive in HTTP. */
async function openDownload(
  { options, client }: Bucket,
  key: string,
  { start, end }: ByteRange,
  signal: AbortSignal,
): Promise<Download> {
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
