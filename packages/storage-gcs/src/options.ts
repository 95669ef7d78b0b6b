import { optionChecks, timerMsMax } from '@ceres/internal';
import { StorageError } from '@ceres/storage';
import { resolveFolder } from '@ceres/storage/adapter';
import { Storage } from '@google-cloud/storage';
import { detectAgainEachTime } from './client/metadata-server';

export interface GcsOptions {
  /** The name of the bucket, without `gs://`. */
  readonly bucket: string;
  /** A folder that every key is stored in, such as `backups/influxdb`. A `/` is added at its end if it has none. */
  readonly prefix?: string;
  /** The key file of a service account. Default: application default credentials. */
  readonly keyFilename?: string;
  /** The address of an emulator, which needs no credentials. Default: Google's. */
  readonly apiEndpoint?: string;
  /** A client to use as it is. Default: one made from the other options. */
  readonly client?: Storage;
  /** The longest time for one `put`, from its first byte to Google's answer. Default: 120,000, which is 64 MiB at 5 Mbit/s. */
  readonly attemptTimeoutMs?: number;
  /** The longest wait for a page of a listing, or for the next bytes of a download. Default: 30,000. */
  readonly idleTimeoutMs?: number;
}

/** Options as the inside sees them: checked, and with every default. */
export interface ResolvedOptions {
  readonly bucket: string;
  /** `''`, or a folder that ends in `/`. */
  readonly prefix: string;
  /** The caller's client, if there is one. */
  readonly readyClient: Storage | undefined;
  /** Makes a client from the other options, which knows nothing of an earlier one. */
  readonly makeClient: () => Storage;
  readonly attemptTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

const names = ['bucket', 'prefix', 'keyFilename', 'apiEndpoint', 'client', 'attemptTimeoutMs', 'idleTimeoutMs'];

/** Most of Google's rules (https://cloud.google.com/storage/docs/buckets#naming). The first call learns of the rest. */
const bucketPattern = /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/;

const timeoutMs = { min: 1, max: timerMsMax, unit: 'milliseconds' };

const check = optionChecks((message) => new StorageError('INVALID_OPTIONS', message));

/** @throws StorageError `INVALID_OPTIONS` */
export function resolveOptions(options: GcsOptions): ResolvedOptions {
  check.names('GcsStorage', options, names);
  const { bucket, prefix = '', attemptTimeoutMs = 120_000, idleTimeoutMs = 30_000 } = options;
  const isBucket = typeof bucket === 'string' && bucketPattern.test(bucket);
  check.that(isBucket, 'bucket', 'the name of a bucket, without gs:// and without a path', bucket);
  return Object.freeze({
    bucket,
    prefix: resolveFolder(prefix),
    readyClient: resolveReadyClient(options),
    makeClient: () => makeClient(options),
    attemptTimeoutMs: check.number('attemptTimeoutMs', attemptTimeoutMs, timeoutMs),
    idleTimeoutMs: check.number('idleTimeoutMs', idleTimeoutMs, timeoutMs),
  });
}

function resolveReadyClient({ client, keyFilename, apiEndpoint }: GcsOptions): Storage | undefined {
  if (client === undefined || (keyFilename === undefined && apiEndpoint === undefined)) return client;
  const message = 'Give either `client`, or `keyFilename` and `apiEndpoint`: a ready client has its own.';
  throw new StorageError('INVALID_OPTIONS', message);
}

function makeClient({ keyFilename, apiEndpoint }: GcsOptions): Storage {
  const client = new Storage({
    ...(keyFilename !== undefined && { keyFilename }),
    ...(apiEndpoint !== undefined && { apiEndpoint }),
    retryOptions: { autoRetry: false, maxRetries: 0 },
  });
  detectAgainEachTime(client);
  return client;
}
