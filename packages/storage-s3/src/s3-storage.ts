import type { CallOptions, ObjectBody, ObjectInfo, ObjectReader, ObjectWriter } from '@ceres/storage';
import { checkKey, checkPrefix, resolveRange } from '@ceres/storage/adapter';
import { createObject } from './calls/create-object';
import { listObjects } from './calls/list-objects';
import { readObjectBytes } from './calls/read-object';
import { Bucket } from './client/bucket';
import { resolveOptions, type S3Options } from './options';

/**
 * A bucket of Amazon S3, or of a store that speaks its language: MinIO, Ceph, R2, B2, Wasabi, Garage. `put` needs the permission
 * `s3:PutObject` and nothing else, also under a bucket policy that demands `s3:if-none-match`; `list` and `get` need `s3:ListBucket`
 * and `s3:GetObject`. Every call is one attempt: the SDK's own retries are off.
 *
 * The constructor sends nothing, so a wrong bucket or credential shows with the first call. Credentials come from the SDK's chain unless
 * they are given; those that have expired, or are not there yet, are `UNAVAILABLE`, and each call looks for them again.
 *
 * @example
 * ```ts
 * const storage = new S3Storage({ bucket: 'acme-influx-backup', prefix: 'eu-west', region: 'eu-central-1' });
 * ```
 */
export class S3Storage implements ObjectWriter, ObjectReader {
  readonly #bucket: Bucket;

  /** @throws StorageError `INVALID_OPTIONS` */
  constructor(options: S3Options) {
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
