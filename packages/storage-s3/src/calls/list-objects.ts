import { ListObjectsV2Command, type ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { type CallOptions, type ObjectInfo, StorageError } from '@ceres/storage';
import { withDeadline } from '@ceres/storage/adapter';
import { explain } from '../answers';
import type { Bucket } from '../client/bucket';

/** Lists page by page, so that only one page is in memory. */
export async function* listObjects(
  bucket: Bucket,
  prefix: string,
  { signal, startAfter }: CallOptions & { readonly startAfter?: string },
): AsyncGenerator<ObjectInfo> {
  const { options } = bucket;
  const query = {
    Bucket: options.bucket,
    Prefix: options.prefix + prefix,
    EncodingType: 'url', // XML cannot hold every character that a name of another program may have
    ...(startAfter !== undefined && { StartAfter: options.prefix + startAfter }),
  } as const;
  let token: string | undefined;
  do {
    const page = await readPage(bucket, prefix, { ...query, ...(token && { ContinuationToken: token }) }, signal);
    for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
      signal?.throwIfAborted();
      const name = decodeName(Key);
      if (name === options.prefix) continue; // a placeholder named like the prefix is not ours
      yield { key: name.slice(options.prefix.length), sizeBytes: Size, createdMs: LastModified?.getTime() ?? 0 };
    }
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}

async function readPage(
  bucket: Bucket,
  prefix: string,
  query: ConstructorParameters<typeof ListObjectsV2Command>[0],
  signal: AbortSignal | undefined,
): Promise<ListObjectsV2CommandOutput> {
  const { idleTimeoutMs } = bucket.options;
  const what = `list ${bucket.place(prefix)}`;
  const unavailable = (why: string) => new StorageError('UNAVAILABLE', `Cannot ${what}: ${why}.`, { key: prefix });
  const late = () => unavailable(`no page in ${idleTimeoutMs} ms`);
  return await withDeadline({ ms: idleTimeoutMs, error: late, signal }, async (limited) => {
    let page: ListObjectsV2CommandOutput;
    try {
      page = await bucket.client.send(new ListObjectsV2Command(query), { abortSignal: limited });
    } catch (cause) {
      throw explain(bucket, 'list', { what, key: prefix, cause }).error;
    }
    // The SDK takes a page that is no listing (a portal's, a proxy's) for one without objects.
    if (page.Contents === undefined && page.KeyCount === undefined && page.Name === undefined) {
      throw unavailable('the answer is no listing');
    }
    if (page.IsTruncated && !page.NextContinuationToken) {
      throw unavailable('the store says that there are more objects, and not how to go on');
    }
    return page;
  });
}

/** Decodes a name of a listing. Some stores write a space as `+`, and all of them a plus sign as `%2B`. */
function decodeName(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '));
}
