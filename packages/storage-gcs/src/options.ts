import { checkNumber, refuseUnknownOptions, StorageError } from '@ceres/storage';
import { checkPrefix } from '@ceres/storage/adapter';
import { Storage } from '@google-cloud/storage';

export interface GcsOptions {
  readonly bucket: string;
  /** A folder that is put before every key, such as `backups/influxdb`; a `/` between is added where missing. */
  readonly prefix?: string;
  /** A service account's key. Default: application default credentials. */
  readonly keyFilename?: string;
  /** Of an emulator; needs no credentials. */
  readonly apiEndpoint?: string;
  /** Used as it is, instead of making one. */
  readonly client?: Storage;
  /** Of one `put`, from its first byte to Google's answer. Default 120,000: 64 MiB at 5 Mbit/s. */
  readonly attemptTimeoutMs?: number;
  /** The longest wait for a page of a listing, or for the next bytes of a download. Default 30,000. */
  readonly idleTimeoutMs?: number;
}

/** Options, checked and completed. */
export interface ResolvedOptions {
  readonly bucket: string;
  /** `''`, or ending in `/`. */
  readonly prefix: string;
  readonly client: Storage;
  readonly attemptTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

const names = ['bucket', 'prefix', 'keyFilename', 'apiEndpoint', 'client', 'attemptTimeoutMs', 'idleTimeoutMs'];

/** Of buckets, roughly: https://cloud.google.com/storage/docs/buckets#naming. Google has the last word. */
const bucketPattern = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

/** @throws StorageError `INVALID_OPTIONS` */
export function resolveOptions(options: GcsOptions): ResolvedOptions {
  refuseUnknownOptions('GcsStorage', options, names);
  const { bucket, prefix = '', attemptTimeoutMs = 120_000, idleTimeoutMs = 30_000 } = options;
  if (typeof bucket !== 'string' || !bucketPattern.test(bucket)) {
    throw invalid(`"${bucket}" is not the name of a bucket: give it without gs:// and without a path.`);
  }
  checkNumber('attemptTimeoutMs', attemptTimeoutMs, 1, 2 ** 31 - 1);
  checkNumber('idleTimeoutMs', idleTimeoutMs, 1, 2 ** 31 - 1);
  return Object.freeze({
    bucket,
    prefix: resolvePrefix(prefix),
    client: resolveClient(options),
    attemptTimeoutMs,
    idleTimeoutMs,
  });
}

function resolvePrefix(prefix: string): string {
  if (typeof prefix !== 'string') throw invalid(`prefix is ${String(prefix)}: give names with "/" between.`);
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  try {
    checkPrefix(folder);
  } catch (cause) {
    throw new StorageError('INVALID_OPTIONS', `"${prefix}" cannot be a prefix: use names with "/" between.`, { cause });
  }
  return folder;
}

function resolveClient({ client, keyFilename, apiEndpoint }: GcsOptions): Storage {
  if (client !== undefined) {
    if (keyFilename === undefined && apiEndpoint === undefined) return client;
    throw invalid('Give either client, or keyFilename and apiEndpoint: a ready client has its own.');
  }
  return new Storage({
    ...(keyFilename !== undefined && { keyFilename }),
    ...(apiEndpoint !== undefined && { apiEndpoint }),
    retryOptions: { autoRetry: false, maxRetries: 0 },
  });
}

function invalid(message: string): StorageError {
  return new StorageError('INVALID_OPTIONS', message);
}
