import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { type CallOptions, type ObjectBody, StorageError } from '@ceres/storage';
import { readBody, refuseWrongBody, WatchedBody, withDeadline } from '@ceres/storage/adapter';
import { explain } from '../answers';
import type { Bucket } from '../client/bucket';

/** Creates an object by one PutObject, which needs `s3:PutObject` and nothing else, and which never overwrites. */
export async function createObject(
  bucket: Bucket,
  key: string,
  body: ObjectBody,
  { signal }: CallOptions,
): Promise<'created' | 'exists'> {
  const { attemptTimeoutMs } = bucket.options;
  const what = `store ${bucket.place(key)}`;
  const late = () => new StorageError('UNAVAILABLE', `Cannot ${what}: no answer in ${attemptTimeoutMs} ms.`, { key });

  return await withDeadline({ ms: attemptTimeoutMs, error: late, signal }, async (limited) => {
    const sha256 = await hashBody(key, body, limited);
    const source = new WatchedBody(key, body, limited);
    try {
      await upload(bucket, key, body, { sha256, source, signal: limited });
      bucket.lastUploadBroke = false;
      return 'created';
    } catch (error) {
      if (source.failure !== undefined) throw source.failure.error;
      const { means, error: fault, status } = explain(bucket, 'put', { what, key, cause: error });
      bucket.lastUploadBroke = status === undefined;
      if (means === 'exists') return 'exists';
      if (means === 'CHECKSUM_MISMATCH') await refuseWrongBody(key, body, limited);
      throw fault;
    }
  });
}

/**
 * Reads the body once to hash it, before it is read again to be sent: the digest goes into the signature, in the head of the request. It
 * is the one checksum that every store verifies, and the only one of a body without an MD5.
 */
async function hashBody(key: string, body: ObjectBody, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of readBody(key, body, { signal, verifyChecksum: false })) hash.update(chunk);
  return hash.digest('hex');
}

interface Upload {
  readonly sha256: string;
  readonly source: WatchedBody;
  readonly signal: AbortSignal;
}

/** Sends the request. It has one part: files are tens of MB, and one request stores up to 5 GB. */
async function upload(
  { options, client, lastUploadBroke }: Bucket,
  key: string,
  { sizeBytes, md5 }: ObjectBody,
  { sha256, source, signal }: Upload,
): Promise<void> {
  const stream = Readable.from(source.chunks(), { objectMode: false, highWaterMark: 1024 * 1024 });
  const command = new PutObjectCommand({
    Bucket: options.bucket,
    Key: options.prefix + key,
    Body: stream,
    ContentLength: sizeBytes,
    IfNoneMatch: '*',
    // Never ContentEncoding 'gzip': clients would unpack the file when they download it.
    ContentType: 'application/gzip',
    CacheControl: 'no-transform',
    ...(md5 !== undefined && { ContentMD5: md5 }),
  });
  const headers = { 'x-amz-content-sha256': sha256, ...(lastUploadBroke && { expect: '100-continue' }) };
  command.middlewareStack.add((next) => (args) => next(withHeaders(args, headers)), { step: 'build' });

  // The SDK pipes the stream into its request, and a pipe does not pass on that its source has failed.
  const ended = new AbortController();
  const end = () => ended.abort();
  stream.once('error', end);
  signal.addEventListener('abort', end, { once: true });
  try {
    await client.send(command, { abortSignal: ended.signal });
  } finally {
    signal.removeEventListener('abort', end);
    stream.destroy();
  }
}

function withHeaders<T extends { request: unknown }>(args: T, headers: Readonly<Record<string, string>>): T {
  Object.assign((args.request as { headers: Record<string, string> }).headers, headers);
  return args;
}
