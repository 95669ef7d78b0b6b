// @ceres/storage-gcs

import type { ObjectReader, ObjectWriter } from '@ceres/storage';
import type { Storage } from '@google-cloud/storage';

export interface GcsOptions {
  readonly bucket: string;
  /** Put before every key. */
  readonly prefix?: string;
  readonly keyFilename?: string;
  /** Of an emulator; needs no credentials. */
  readonly apiEndpoint?: string;
  /** Used as it is, instead of making one. */
  readonly client?: Storage;
  readonly attemptTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
}
export declare class GcsStorage implements ObjectWriter, ObjectReader {
  constructor(options: GcsOptions);
  put: ObjectWriter['put'];
  list: ObjectReader['list'];
  get: ObjectReader['get'];
}
/** `gs://bucket/prefix` */
export declare function fromUrl(url: URL): GcsStorage;
