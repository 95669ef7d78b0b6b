import { StorageError } from '../errors';
import { checkKey } from './check-key';

/** Says where points come from: a server, a database and a retention policy. */
export interface Partition {
  /** Names the InfluxDB server, such as `influxdb-0.influxdb`. */
  readonly instance: string;
  readonly database: string;
  /** Absent or `''` means the database's default policy. */
  readonly retentionPolicy?: string;
}

/** The parts of a backup file's key: `[instance]/[database]/[retention-policy]/[YYYYMMDD]/[UUID].gz`. */
export interface KeyParts extends Partition {
  /** The day, in UTC, of the UUIDv7 `id`: YYYYMMDD. */
  readonly day: string;
  /** A UUID. Ceres issues version 7, so that names sort in the order in which the files were opened. */
  readonly id: string;
  /** True for a file of refused records, which is stored under `~quarantine/`. */
  readonly quarantine?: boolean;
  /** True for a file that switches between the default policy and named ones; it has no `retentionPolicy` of its own. */
  readonly mixed?: boolean;
}

/** What a listing is narrowed to, from left to right. An absent part means all. */
export interface PrefixParts {
  readonly instance: string;
  readonly database?: string;
  /** `''` means the database's default policy. */
  readonly retentionPolicy?: string;
  readonly day?: string;
  readonly quarantine?: boolean;
  /** True for the files that switch between policies, which have no `retentionPolicy` of their own. */
  readonly mixed?: boolean;
}

/** An encoded name never contains a `~`, so it never equals one of these. */
const defaultPolicy = '~default';
const mixedPolicies = '~mixed';
export const quarantineFolder = '~quarantine';

const dayPattern = /^\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Returns the key of a backup file. Names are percent-encoded outside `[A-Za-z0-9._-]`, and dots at their end, so that neither `/`
 * nor spaces nor anything outside ASCII gets into a path, and no store drops a part of it. `parseKey` is its inverse.
 *
 * @example
 * ```ts
 * formatKey({ instance: 'influxdb-0', database: 'db_0', day: '20240509', id: '018f5e6a-7b1c-7def-8123-456789abcdef' });
 * // 'influxdb-0/db_0/~default/20240509/018f5e6a-7b1c-7def-8123-456789abcdef.gz'
 * ```
 *
 * @throws StorageError `INVALID_KEY`: an empty name, one over 255 bytes once encoded, a key over 1,024 bytes, a `day`
 * that is not YYYYMMDD, an `id` that is not a UUID
 */
export function formatKey(parts: KeyParts): string {
  const { instance, database, retentionPolicy = '', day, id, quarantine, mixed } = parts;
  if (!idPattern.test(id)) throw new StorageError('INVALID_KEY', `Expected \`id\` to be a UUID, got "${id}".`);
  const flags = { quarantine: quarantine ?? false, mixed: mixed ?? false };
  const prefix = { instance, database, retentionPolicy, day, ...flags };
  const key = `${formatPrefix(prefix)}${id}.gz`;
  checkKey(key);
  return key;
}

/**
 * Returns the prefix, ending in `/`, that the keys of an instance, database, policy or day have in common.
 *
 * @throws StorageError `INVALID_KEY` as `formatKey`; `INVALID_OPTIONS` when a part is given without the one before it
 */
export function formatPrefix(parts: PrefixParts): string {
  const { instance, database, retentionPolicy, day, quarantine, mixed } = parts;
  const folders = quarantine ? [quarantineFolder] : [];
  folders.push(encodeName('instance', instance));
  const encoded = [
    database === undefined ? undefined : encodeName('database', database),
    encodePolicy(retentionPolicy, mixed),
    day === undefined ? undefined : checkedDay(day),
  ];
  const given = encoded.filter((part) => part !== undefined);
  if (encoded.slice(0, given.length).includes(undefined)) {
    throw new StorageError(
      'INVALID_OPTIONS',
      'A prefix narrows from left to right: give `database` before `retentionPolicy`, and that before `day`.',
    );
  }
  return `${[...folders, ...given].join('/')}/`;
}

/** Returns what `formatKey` was given, or `undefined` for a name that it would not return. The policy `''` comes back absent. */
export function parseKey(key: string): KeyParts | undefined {
  const folders = key.split('/');
  const quarantine = folders[0] === quarantineFolder;
  if (quarantine) folders.shift();
  const [instance = '', database = '', policy = '', day = '', file = ''] = folders;
  if (folders.length !== 5 || !file.endsWith('.gz')) return undefined;

  const mixed = policy === mixedPolicies;
  const names = [instance, database, policy === defaultPolicy || mixed ? '' : policy].map(decodeName);
  const [instanceName, databaseName, retentionPolicy] = names;
  if (instanceName === undefined || databaseName === undefined || retentionPolicy === undefined) return undefined;
  const parts = {
    instance: instanceName,
    database: databaseName,
    ...(retentionPolicy !== '' && { retentionPolicy }),
    day,
    id: file.slice(0, -'.gz'.length),
    ...(quarantine && { quarantine }),
    ...(mixed && { mixed }),
  };
  return isKeyOf(parts, key) ? parts : undefined;
}

/** A partition has one spelling: a key with `%41` for `A`, or with `%2f` for `%2F`, is not ours. */
function isKeyOf(parts: KeyParts, key: string): boolean {
  try {
    return formatKey(parts) === key;
  } catch (error) {
    if (error instanceof StorageError) return false;
    throw error;
  }
}

function encodePolicy(name: string | undefined, mixed: boolean | undefined): string | undefined {
  if (mixed) return mixedPolicies;
  if (name === undefined) return undefined;
  return name === '' ? defaultPolicy : encodeName('retention policy', name);
}

/** @throws StorageError `INVALID_KEY` */
export function checkedDay(day: string): string {
  if (!dayPattern.test(day)) throw new StorageError('INVALID_KEY', `Expected \`day\` to be YYYYMMDD, got "${day}".`);
  return day;
}

/** Percent-encodes a name, so that it can be one part of a key. */
export function encodeName(what: string, name: unknown): string {
  if (typeof name !== 'string') {
    throw new StorageError('INVALID_KEY', `Expected the name of the ${what} to be a string, got ${String(name)}.`);
  }
  if (name === '') throw new StorageError('INVALID_KEY', `The name of the ${what} is empty. Give it a name.`);
  const encoded = percentEncode(name);
  if (encoded === undefined) {
    throw new StorageError(
      'INVALID_KEY',
      `The name of the ${what}, ${JSON.stringify(name)}, is not valid Unicode. Rename it.`,
    );
  }
  if (encoded.length > 255) {
    const limit = `has ${encoded.length} bytes once percent-encoded, and file systems allow 255`;
    throw new StorageError('INVALID_KEY', `The name of the ${what}, "${name}", ${limit}. Use a shorter one.`);
  }
  return encoded;
}

function percentEncode(name: string): string | undefined {
  try {
    return encodeURIComponent(name).replace(
      /[!'()*~]|\.(?=\.*$)/g,
      (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
    );
  } catch {
    return undefined; // encodeURIComponent throws only for lone surrogates
  }
}

/** Returns the name that `encodeName` was given; `undefined` for text that is not its result. */
export function decodeName(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined; // a stray "%", or bytes that are not UTF-8
  }
}
