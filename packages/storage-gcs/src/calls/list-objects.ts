import { type CallOptions, type ObjectInfo, StorageError } from '@ceres/storage';
import { withDeadline } from '@ceres/storage/adapter';
import type { GetFilesOptions } from '@google-cloud/storage';
import { explain } from '../answers';
import type { Bucket } from '../client/bucket';
import { inOneAttempt } from '../client/one-attempt';

/** An object with the `fields` that the listing asks for. */
interface Item {
  readonly name: string;
  /** A decimal number: Google writes 64-bit numbers as text. */
  readonly size: string;
  /** A time in RFC 3339. */
  readonly timeCreated: string;
}

interface Page {
  readonly items: readonly Item[];
  readonly nextPageToken: string | undefined;
}

/** Lists page by page, so that only one page is in memory: `getFiles()` of a whole listing keeps 7 KB per object. */
export async function* listObjects(
  bucket: Bucket,
  prefix: string,
  { signal, startAfter }: CallOptions & { readonly startAfter?: string },
): AsyncGenerator<ObjectInfo> {
  const { options } = bucket;
  const first = options.prefix + (startAfter ?? '');
  const query: GetFilesOptions = {
    prefix: options.prefix + prefix,
    fields: 'items(name,size,timeCreated),nextPageToken',
    ...(startAfter !== undefined && { startOffset: first }),
  };
  let pageToken: string | undefined;
  do {
    const page: Page = await readPage(bucket, prefix, { ...query, ...(pageToken && { pageToken }) }, signal);
    for (const { name, size, timeCreated } of page.items) {
      signal?.throwIfAborted();
      if (name === first) continue; // startOffset is inclusive, and a placeholder named like the prefix is not ours
      yield { key: name.slice(options.prefix.length), sizeBytes: Number(size), createdMs: Date.parse(timeCreated) };
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
}

async function readPage(
  { options, client, answers }: Bucket,
  prefix: string,
  query: GetFilesOptions,
  signal: AbortSignal | undefined,
): Promise<Page> {
  const { bucket, idleTimeoutMs } = options;
  const what = `list "${query.prefix ?? ''}" in gs://${bucket}`;
  const unavailable = (why: string) => new StorageError('UNAVAILABLE', `Cannot ${what}: ${why}.`, { key: prefix });
  const google = await client.get({ what, key: prefix, signal });
  const late = () => unavailable(`no page in ${idleTimeoutMs} ms`);
  return await withDeadline({ ms: idleTimeoutMs, error: late, signal }, async () => {
    try {
      // The next query that the client returns would fetch all pages at once: only its token is of use. With `fields`,
      // the client returns raw items, which its types do not know.
      const pages = inOneAttempt(google.bucket(bucket), idleTimeoutMs);
      const getPage = () => pages.getFiles({ ...query, autoPaginate: false });
      const [items, next, whole] = await answers.during(google.apiEndpoint, getPage);
      // The client returns what does not parse as text, and takes it for a page without objects.
      if (typeof whole !== 'object') throw unavailable('the page ended too early');
      const { pageToken } = (next ?? {}) as GetFilesOptions;
      return { items: items as unknown as readonly Item[], nextPageToken: pageToken };
    } catch (error) {
      if (error instanceof StorageError) throw error;
      throw explain('list', what, prefix, error).error;
    }
  });
}
