import type { CallOptions, ObjectBody, ObjectInfo, ObjectReader, ObjectWriter } from '@ceres/storage';
import { checkKey, checkPrefix, resolveRange } from '@ceres/storage/adapter';
import { createObject } from './calls/create-object';
import { listObjects } from './calls/list-objects';
import { readObjectBytes } from './calls/read-object';
import { Bucket } from './client/bucket';
import { type GcsOptions, resolveOptions } from './options';

/**
 * A bucket of Google Cloud Storage. `put` needs the permission `storage.objects.create` and nothing else; `list` and
 * `get` need `storage.objects.list` and `storage.objects.get`. Every call is one attempt: the client's own retries are off.
 *
 * The constructor sends nothing to Google, so a wrong bucket or credential shows with the first call. Credentials that are not
 * there yet are `UNAVAILABLE`, and each call looks for them again.
 *
 * @example
 * ```ts
 * const storage = new GcsStorage({ bucket: 'acme-influx-backup', prefix: 'eu-west' });
 * ```
 */
export class GcsStorage implements ObjectWriter, ObjectReader {
  readonly #bucket: Bucket;

  /** @throws StorageError `INVALID_OPTIONS` */
  constructor(options: GcsOptions) {
    this.#bucket = new Bucket(resolveOptions(options));
  }

  async put(key: string, body: ObjectBody, options: CallOptions = {}): Promise<'created' | 'exists'> {
    this.#checkKey(key);
    return await createObject(this.#bucket, key, body, options);
  }

  async *list(
    prefix: string,
    options: CallOptions & { readonly startAfter?: string } = {},
  ): AsyncGenerator<ObjectInfo> {
    checkPrefix(prefix);
    yield* listObjects(this.#bucket, prefix, options);
  }

  async *get(
    key: string,
    options: CallOptions & { readonly start?: number; readonly end?: number } = {},
  ): AsyncGenerator<Uint8Array> {
    this.#checkKey(key);
    yield* readObjectBytes(this.#bucket, key, resolveRange(key, options), options.signal);
  }

  /** Checks the key alone, and with the prefix, since its bytes count too. */
  #checkKey(key: string): void {
    checkKey(key);
    checkKey(this.#bucket.options.prefix + key);
  }
}
