import { untilAborted } from '@ceres/internal';
import { resolveRange } from './byte-range';
import type { CallOptions, ObjectBody, ObjectInfo, ObjectReader, ObjectWriter } from './contract';
import { StorageError } from './errors';
import { checkKey, checkPrefix } from './keys/check-key';
import { compareKeys } from './keys/compare-keys';
import { check } from './options';
import { readBody } from './read-body';

export interface MemoryStorageOptions {
  /** Called at the start of every call, with its key or prefix. The call throws the error that it returns. */
  readonly fail?: (call: 'put' | 'list' | 'get', key: string) => StorageError | undefined;
}

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly createdMs: number;
}

/** A storage that lasts as long as the process, for tests and examples. */
export class MemoryStorage implements ObjectWriter, ObjectReader {
  readonly #objects = new Map<string, StoredObject>();
  readonly #fail: NonNullable<MemoryStorageOptions['fail']>;

  /** @throws StorageError `INVALID_OPTIONS` */
  constructor(options: MemoryStorageOptions = {}) {
    check.names('MemoryStorage', options, ['fail']);
    this.#fail = options.fail ?? (() => undefined);
  }

  async put(key: string, body: ObjectBody, options: CallOptions = {}): Promise<'created' | 'exists'> {
    checkKey(key);
    options.signal?.throwIfAborted();
    this.#failOnDemand('put', key);
    if (this.#objects.has(key)) return 'exists';

    const chunks: Uint8Array[] = [];
    for await (const chunk of readBody(key, body, options)) chunks.push(chunk);
    options.signal?.throwIfAborted();
    if (this.#objects.has(key)) return 'exists'; // another put created it while the body was read
    this.#objects.set(key, { bytes: Buffer.concat(chunks), createdMs: Date.now() });
    return 'created';
  }

  async *list(
    prefix: string,
    options: CallOptions & { readonly startAfter?: string } = {},
  ): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    const { signal, startAfter } = options;
    signal?.throwIfAborted();
    this.#failOnDemand('list', prefix);
    const isAsked = (key: string) =>
      key.startsWith(prefix) && (startAfter === undefined || compareKeys(key, startAfter) > 0);
    for (const key of [...this.#objects.keys()].filter(isAsked).sort(compareKeys)) {
      signal?.throwIfAborted();
      const { bytes, createdMs } = this.#object(key);
      yield { key, sizeBytes: bytes.byteLength, createdMs };
    }
  }

  async *get(
    key: string,
    options: CallOptions & { readonly start?: number; readonly end?: number } = {},
  ): AsyncGenerator<Uint8Array> {
    checkKey(key);
    const { start, end } = resolveRange(key, options);
    options.signal?.throwIfAborted();
    this.#failOnDemand('get', key);
    yield* untilAborted(inChunks(this.#object(key).bytes.subarray(start, end)), options.signal);
  }

  #object(key: string): StoredObject {
    const object = this.#objects.get(key);
    if (object === undefined) throw new StorageError('NOT_FOUND', `There is no object "${key}" in memory.`, { key });
    return object;
  }

  #failOnDemand(call: 'put' | 'list' | 'get', key: string): void {
    const error = this.#fail(call, key);
    if (error !== undefined) throw error;
  }
}

/** Yields bytes in chunks, as every real storage does, so that code which handles only the first chunk fails its tests. */
async function* inChunks(bytes: Uint8Array, chunkBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += chunkBytes) yield Uint8Array.from(bytes.subarray(at, at + chunkBytes));
}
