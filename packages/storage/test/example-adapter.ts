import {
  type CallOptions,
  type ObjectBody,
  type ObjectInfo,
  type ObjectReader,
  type ObjectWriter,
  StorageError,
} from '@ceres/storage';
import { checkKey, checkPrefix, compareKeys, readBody, resolveRange, withDeadline } from '@ceres/storage/adapter';

/** The client of the store, as its vendor would ship it. */
export interface BlobClient {
  /** Returns `false` if the name is taken. Stores nothing unless all bytes arrive. */
  putIfAbsent(name: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<boolean>;
  /** Returns at most `limit` names in byte order, from the first one that is not before `from`. */
  page(from: string, limit: number): Promise<readonly { name: string; size: number; createdMs: number }[]>;
  /** Returns `undefined` if there is no such name. `end` may be beyond the size. */
  read(name: string, start: number, end: number): Promise<Uint8Array | undefined>;
}

export class BlobStorage implements ObjectWriter, ObjectReader {
  readonly #client: BlobClient;

  constructor(client: BlobClient) {
    this.#client = client;
  }

  async put(key: string, body: ObjectBody, { signal }: CallOptions = {}): Promise<'created' | 'exists'> {
    checkKey(key);
    return await attempt(`store "${key}"`, key, signal, async (limited) => {
      const bytes = readBody(key, body, { signal: limited });
      return (await this.#client.putIfAbsent(key, bytes, limited)) ? 'created' : 'exists';
    });
  }

  async *list(prefix: string, options: CallOptions & { startAfter?: string } = {}): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    const { signal, startAfter = '' } = options;
    const limit = 1000;
    for (let from = compareKeys(prefix, startAfter) > 0 ? prefix : startAfter, more = true; more; ) {
      const page = await attempt(`list "${prefix}"`, prefix, signal, () => this.#client.page(from, limit));
      for (const { name, size, createdMs } of page) {
        signal?.throwIfAborted();
        if (!name.startsWith(prefix) && compareKeys(name, prefix) > 0) return;
        if (name.startsWith(prefix) && name !== startAfter) yield { key: name, sizeBytes: size, createdMs };
      }
      more = page.length === limit;
      from = `${page.at(-1)?.name}\0`; // the least name after the last
    }
  }

  async *get(key: string, options: CallOptions & { start?: number; end?: number } = {}): AsyncGenerator<Uint8Array> {
    checkKey(key);
    const { start, end } = resolveRange(key, options);
    const chunkBytes = 1024 * 1024;
    for (let at = start; at < end; at += chunkBytes) {
      const until = Math.min(at + chunkBytes, end);
      const bytes = await attempt(`read "${key}"`, key, options.signal, () => this.#client.read(key, at, until));
      if (bytes === undefined) throw new StorageError('NOT_FOUND', `There is no object "${key}".`, { key });
      if (bytes.byteLength > 0) yield bytes;
      if (bytes.byteLength < until - at) return; // the end of the object
    }
  }
}

/** Makes one attempt with a deadline of its own, and turns the client's errors into coded ones. */
async function attempt<T>(
  what: string,
  key: string,
  signal: AbortSignal | undefined,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = () => new StorageError('UNAVAILABLE', `Cannot ${what}: no answer in a minute.`, { key });
  return await withDeadline({ ms: 60_000, error: late, signal }, async (limited) => {
    try {
      return await call(limited);
    } catch (cause) {
      throw asStorageError(what, key, cause);
    }
  });
}

/** Gives the store's errors a code. An error that is not the store's (an abort, a failed body) passes unchanged. */
function asStorageError(what: string, key: string, cause: unknown): unknown {
  const status = cause instanceof Error && 'status' in cause ? Number(cause.status) : undefined;
  if (status === undefined) return cause;
  if (status === 403) return new StorageError('DENIED', `Cannot ${what}: check the credentials.`, { key, cause });
  return new StorageError('UNAVAILABLE', `Cannot ${what} (HTTP ${status}): try again.`, { key, cause });
}
