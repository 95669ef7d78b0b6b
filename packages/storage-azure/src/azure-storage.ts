import type { CallOptions, ObjectBody, ObjectInfo, ObjectReader, ObjectWriter } from '@ceres/storage';
import { checkKey, checkPrefix, resolveRange } from '@ceres/storage/adapter';
import { createObject } from './calls/create-object';
import { listObjects } from './calls/list-objects';
import { readObjectBytes } from './calls/read-object';
import { Container } from './client/container';
import { type AzureOptions, resolveOptions } from './options';

/**
 * A container of Azure Blob Storage. `put` works with a shared access signature (SAS) whose only permission is `c`, create; `list`
 * and `get` need `l` and `r`. Every call is one attempt: the SDK's own retries are off.
 *
 * The constructor sends nothing to Azure, so a wrong container or credential shows with the first call.
 *
 * @example
 * ```ts
 * const storage = new AzureStorage({ account: 'acmebackup', container: 'influx', sas: process.env.AZURE_STORAGE_SAS_TOKEN ?? '' });
 * ```
 */
export class AzureStorage implements ObjectWriter, ObjectReader {
  readonly #container: Container;

  /** @throws StorageError `INVALID_OPTIONS` */
  constructor(options: AzureOptions) {
    this.#container = new Container(resolveOptions(options));
  }

  async put(key: string, body: ObjectBody, options: CallOptions = {}): Promise<'created' | 'exists'> {
    this.#checkKey(key);
    return await createObject(this.#container, key, body, options);
  }

  async *list(
    prefix: string,
    options: CallOptions & { readonly startAfter?: string } = {},
  ): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    yield* listObjects(this.#container, prefix, options);
  }

  async *get(
    key: string,
    options: CallOptions & { readonly start?: number; readonly end?: number } = {},
  ): AsyncGenerator<Uint8Array> {
    this.#checkKey(key);
    yield* readObjectBytes(this.#container, key, resolveRange(key, options), options.signal);
  }

  /** Checks the key alone, and with the prefix, since its bytes count too. */
  #checkKey(key: string): void {
    checkKey(key);
    checkKey(this.#container.options.prefix + key);
  }
}
