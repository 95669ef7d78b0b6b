import { type CallOptions, type ObjectInfo, StorageError } from '@ceres/storage';
import { withDeadline } from '@ceres/storage/adapter';
import type { GetFilesOptions } from '@google-cloud/storage';
import { judge } from '../answers';
import { inOneAttempt } from '../client/one-attempt';
import type { ResolvedOptions } from '../options';

/** An object as the listing was asked to describe it: see `fields`. */
interface Item {
  readonly name: string;
  /** Google writes 64-bit numbers as text. */
  readonly size: string;
  /** RFC 3339. */
  readonly timeCreated: string;
}

interface Page {
  readonly items: readonly Item[];
  readonly nextPageToken: string | undefined;
}

/** Page by page, so that a listing of any length holds one page: `getFiles()` whole keeps 7 KB of each object. */
export async function* listObjects(
  options: ResolvedOptions,
  prefix: string,
  { signal, startAfter }: CallOptions & { readonly startAfter?: string },
): AsyncGenerator<ObjectInfo> {
  const first = options.prefix + (startAfter ?? '');
  const query: GetFilesOptions = {
    prefix: options.prefix + prefix,
    fields: 'items(name,size,timeCreated),nextPageToken',
    ...(startAfter !== undefined && { startOffset: first }),
  };
  let pageToken: string | undefined;
  do {
    const page: Page = await readPage(options, prefix, { ...query, ...(pageToken && { pageToken }) }, signal);
    for (const { name, size, timeCreated } of page.items) {
      signal?.throwIfAborted();
      if (name === first) continue; // startOffset is inclusive; and the prefix's own placeholder is no object of ours
      yield { key: name.slice(options.prefix.length), sizeBytes: Number(size), createdMs: Date.parse(timeCreated) };
    }
    pageToken = page.nextPageToken;
  } while (pageToken !== undefined);
}

async function readPage(
  options: ResolvedOptions,
  prefix: string,
  query: GetFilesOptions,
  signal: AbortSignal | undefined,
): Promise<Page> {
  const { client, bucket, idleTimeoutMs } = options;
  const what = `list "${query.prefix ?? ''}" in gs://${bucket}`;
  const late = () =>
    new StorageError('UNAVAILABLE', `Cannot ${what}: no page in ${idleTimeoutMs} ms.`, { key: prefix });
  return await withDeadline({ ms: idleTimeoutMs, error: late, signal }, async () => {
    try {
      // The next query that the client offers would fetch all pages at once: of it only the token is of use. With
      // `fields` it gives raw items, which its types do not know.
      const pages = inOneAttempt(client.bucket(bucket), idleTimeoutMs);
      const [items, next] = await pages.getFiles({ ...query, autoPaginate: false });
      const { pageToken } = (next ?? {}) as GetFilesOptions;
      return { items: items as unknown as readonly Item[], nextPageToken: pageToken };
    } catch (error) {
      throw judge('list', what, prefix, error).error;
    }
  });
}
