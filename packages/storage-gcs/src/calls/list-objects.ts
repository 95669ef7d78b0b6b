import { type CallOptions, type ObjectInfo, StorageError } from '@ceres/storage';
import { withDeadline } from '@ceres/storage/adapter';
import type { GetFilesOptions } from '@google-cloud/storage';
import { explain } from '../answers';
import { inOneAttempt } from '../client/one-attempt';
import type { ResolvedOptions } from '../options';

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
      if (name === first) continue; // startOffset is inclusive, and a placeholder named like the prefix is not ours
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
      // The next query that the client returns would fetch all pages at once: only its token is of use. With `fields`,
      // the client returns raw items, which its types do not know.
      const pages = inOneAttempt(client.bucket(bucket), idleTimeoutMs);
      const [items, next] = await pages.getFiles({ ...query, autoPaginate: false });
      const { pageToken } = (next ?? {}) as GetFilesOptions;
      return { items: items as unknown as readonly Item[], nextPageToken: pageToken };
    } catch (error) {
      throw explain('list', what, prefix, error).error;
    }
  });
}
