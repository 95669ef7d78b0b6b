import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { optionChecks, timerMsMax } from '@ceres/internal';
import { StorageError } from '@ceres/storage';
import { resolveFolder } from '@ceres/storage/adapter';

export interface S3Options {
  /** The name of the bucket, without `s3://`. */
  readonly bucket: string;
  /** A folder that every key is stored in, such as `backups/influxdb`. A `/` is added at its end if it has none. */
  readonly prefix?: string;
  /** The address of a store that is not Amazon's, such as `https://minio.acme.example:9000`. Default: Amazon's for the region. */
  readonly endpoint?: string;
  /** Default: that of the SDK's chain (`AWS_REGION`, the profile); with an endpoint, `AWS_REGION` or else `us-east-1`. */
  readonly region?: string;
  /** Puts the bucket into the path of an address instead of its host name. Default: true with an endpoint, else false. */
  readonly forcePathStyle?: boolean;
  /** Credentials, or a function that returns them, as the SDK takes them. Default: the SDK's chain. */
  readonly credentials?: S3ClientConfig['credentials'];
  /** The longest time for one `put`, from its first byte to the store's answer. Default: 120,000, which is 64 MiB at 5 Mbit/s. */
  readonly attemptTimeoutMs?: number;
  /** The longest wait for a page of a listing, or for the next bytes of a download. Default: 30,000. */
  readonly idleTimeoutMs?: number;
}

/** Options as the inside sees them: checked, and with every default. */
export interface ResolvedOptions {
  readonly bucket: string;
  /** `''`, or a folder that ends in `/`. */
  readonly prefix: string;
  readonly endpoint: string | undefined;
  /** `undefined` leaves it to the SDK's chain. */
  readonly region: string | undefined;
  readonly forcePathStyle: boolean;
  readonly credentials: S3ClientConfig['credentials'];
  readonly attemptTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

const names = [
  'bucket',
  'prefix',
  'endpoint',
  'region',
  'forcePathStyle',
  'credentials',
  'attemptTimeoutMs',
  'idleTimeoutMs',
];

/** What Amazon (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html) or an older store may accept. */
const bucketPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;
const regionPattern = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;

const timeoutMs = { min: 1, max: timerMsMax, unit: 'milliseconds' };

const check = optionChecks((message) => new StorageError('INVALID_OPTIONS', message));

/** @throws StorageError `INVALID_OPTIONS` */
export function resolveOptions(options: S3Options): ResolvedOptions {
  check.names('S3Storage', options, names);
  const { bucket, prefix = '', endpoint, region, credentials } = options;
  const { attemptTimeoutMs = 120_000, idleTimeoutMs = 30_000, forcePathStyle = endpoint !== undefined } = options;
  const isBucket = typeof bucket === 'string' && bucketPattern.test(bucket);
  check.that(isBucket, 'bucket', 'the name of a bucket, without s3:// and without a path', bucket);
  const isEndpoint = endpoint === undefined || isAddress(endpoint);
  check.that(isEndpoint, 'endpoint', 'an address like https://host:port, without credentials', endpoint);
  const isRegion = region === undefined || (typeof region === 'string' && regionPattern.test(region));
  check.that(isRegion, 'region', 'the name of a region, such as eu-central-1', region);
  check.that(typeof forcePathStyle === 'boolean', 'forcePathStyle', 'true or false', forcePathStyle);
  return Object.freeze({
    bucket,
    prefix: resolveFolder(prefix),
    endpoint,
    region: region ?? (endpoint === undefined ? undefined : process.env.AWS_REGION || 'us-east-1'),
    forcePathStyle,
    credentials,
    attemptTimeoutMs: check.number('attemptTimeoutMs', attemptTimeoutMs, timeoutMs),
    idleTimeoutMs: check.number('idleTimeoutMs', idleTimeoutMs, timeoutMs),
  });
}

function isAddress(text: unknown): boolean {
  if (typeof text !== 'string' || !URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username + password + search + hash === '';
}
