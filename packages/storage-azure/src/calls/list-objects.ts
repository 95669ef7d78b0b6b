import type { ContainerListBlobFlatSegmentResponse } from '@azure/storage-blob';
import { type CallOptions, type ObjectInfo, StorageError } from '@ceres/storage';
import { compareKeys, withDeadline } from '@ceres/storage/adapter';
import { explain } from '../answers';
import type { Container } from '../client/container';
import { inByteOrder, startBefore } from './byte-order';

/** The most that Azure sends at once is 5,000; a page of 1,000 is 1 MB of XML. */
const pageKeysMax = 1000;

interface Page {
  readonly items: readonly ObjectInfo[];
  /** Empty behind the last page. */
  readonly next: string;
}

/** What a listing is of: the keys behind `startAfter`, by a request that `signal` aborts. */
type ListOptions = CallOptions & { readonly startAfter?: string };

/** Lists page by page, so that only one page is in memory. */
export async function* listObjects(
  container: Container,
  prefix: string,
  options: ListOptions,
): AsyncGenerator<ObjectInfo> {
  const { signal, startAfter } = options;
  const folder = container.options.prefix;
  const tooMany = (key: string) => tooManyToSort(container, prefix, key);
  let last: string | undefined;
  for await (const { key, sizeBytes, createdMs } of inByteOrder(readPages(container, prefix, options), tooMany)) {
    signal?.throwIfAborted();
    if (last !== undefined && compareKeys(last, key) >= 0) throw outOfOrder(container, prefix, last, key);
    last = key;
    // Azure's start is inclusive, and its emulator knows none. A placeholder named like the prefix is not ours.
    if (key === folder || (startAfter !== undefined && compareKeys(key, folder + startAfter) <= 0)) continue;
    yield { key: key.slice(folder.length), sizeBytes, createdMs };
  }
}

/** Yields blobs, by their names with the folder, in Azure's own order. */
async function* readPages(
  container: Container,
  prefix: string,
  { startAfter, signal }: ListOptions,
): AsyncGenerator<ObjectInfo> {
  let token: string | undefined;
  do {
    const page: Page = await readPage(container, prefix, { startAfter, token }, signal);
    yield* page.items;
    token = page.next;
  } while (token !== '');
}

async function readPage(
  container: Container,
  prefix: string,
  { startAfter, token }: { readonly startAfter: string | undefined; readonly token: string | undefined },
  signal: AbortSignal | undefined,
): Promise<Page> {
  const { options } = container;
  const what = `list ${container.place(prefix)}`;
  const late = () =>
    new StorageError('UNAVAILABLE', `Cannot ${what}: no page in ${options.idleTimeoutMs} ms.`, { key: prefix });
  return await withDeadline({ ms: options.idleTimeoutMs, error: late, signal }, async (limited) => {
    try {
      const client = await container.client();
      const pages = client
        .listBlobsFlat({
          prefix: options.prefix + prefix,
          abortSignal: limited,
          ...(startAfter !== undefined && { startFrom: startBefore(options.prefix + startAfter) }),
        })
        .byPage({ maxPageSize: pageKeysMax, ...(token !== undefined && { continuationToken: token }) });
      const { value }: { readonly value?: ContainerListBlobFlatSegmentResponse } = await pages.next();
      if (value?.segment === undefined) throw new Error('the answer is no listing');
      const items = value.segment.blobItems.map(({ name, properties }) => ({
        key: name,
        sizeBytes: properties.contentLength ?? 0,
        createdMs: (properties.createdOn ?? properties.lastModified).getTime(),
      }));
      return { items, next: value.continuationToken ?? '' };
    } catch (cause) {
      throw explain('list', { what, key: prefix, cause }).error;
    }
  });
}

function tooManyToSort({ options }: Container, prefix: string, key: string): StorageError {
  const message = `Cannot list ${options.place}: too many names like "${key}" are not ASCII. Use a container for backups alone.`;
  return new StorageError('INVALID_OPTIONS', message, { key: prefix });
}

function outOfOrder({ options }: Container, prefix: string, last: string, key: string): StorageError {
  const message =
    `Cannot list ${options.place}: "${key}" comes after "${last}". Use an account without a hierarchical namespace, ` +
    'whose listings are in the order of the names.';
  return new StorageError('INVALID_OPTIONS', message, { key: prefix });
}
