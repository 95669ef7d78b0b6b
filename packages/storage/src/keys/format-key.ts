import { StorageError } from '../errors';
import { checkKey } from './check-key';

/** Where points come from. */
export interface Partition {
  /** Names the InfluxDB server, such as `influxdb-0.influxdb`. */
  readonly instance: string;
  readonly database: string;
  /** Absent or `''`: the default policy. */
  readonly retentionPolicy?: string;
}

/** What the key of a backup file says: `[instance]/[database]/[retention-policy]/[YYYYMMDD]/[UUID].gz`. */
export interface KeyParts extends Partition {
  /** YYYYMMDD (UTC) of the UUIDv7 `id`. */
  readonly day: string;
  /** A UUID; version 7 in files of this system, whose names so sort in the order the files were opened. */
  readonly id: string;
  /** Whether it is a file of refused records, under `~quarantine/`. */
  readonly quarantine?: boolean;
}

/** What a listing may be narrowed to, from left to right; an absent part means all. */
export interface PrefixParts {
  readonly instance: string;
  readonly database?: string;
  /** `''` is the default policy. */
  readonly retentionPolicy?: string;
  readonly day?: string;
  readonly quarantine?: boolean;
}

/** Encoded names never hold a `~`, so these two collide with nothing. */
const defaultPolicy = '~default';
const quarantineFolder = '~quarantine';

const dayPattern = /^\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The key of a backup file. Names are percent-encoded outside `[A-Za-z0-9._-]`, so that neither `/` nor spaces nor
 * anything outside ASCII reaches a path raw. The inverse of `parseKey`.
 *
 * @throws StorageError `INVALID_KEY`: an empty name, one over 255 bytes once encoded, a key over 1,024 bytes, a `day`
 * that is not YYYYMMDD, an `id` that is no UUID
 */
export function formatKey(parts: KeyParts): string {
  const { instance, database, retentionPolicy = '', day, id, quarantine } = parts;
  if (!idPattern.test(id)) throw new StorageError('INVALID_KEY', `The file id "${id}" is not a UUID.`);
  const prefix = { instance, database, retentionPolicy, day, quarantine: quarantine ?? false };
  const key = `${formatPrefix(prefix)}${id}.gz`;
  checkKey(key);
  return key;
}

/**
 * The prefix, ending in `/`, that the keys of an instance, database, policy or day have in common.
 *
 * @throws StorageError `INVALID_KEY` as `formatKey`; `INVALID_OPTIONS` when a part is given without the one before it
 */
export function formatPrefix(parts: PrefixParts): string {
  const { instance, database, retentionPolicy, day, quarantine } = parts;
  const folders = quarantine ? [quarantineFolder] : [];
  folders.push(encodeName('instance', instance));
  const encoded = [
    database === undefined ? undefined : encodeName('database', database),
    retentionPolicy === undefined ? undefined : encodePolicy(retentionPolicy),
    day === undefined ? undefined : checkedDay(day),
  ];
  const given = encoded.filter((part) => part !== undefined);
  if (encoded.slice(0, given.length).includes(undefined)) {
    throw new StorageError('INVALID_OPTIONS', 'A prefix narrows from left to right: database, retentionPolicy, day.');
  }
  return `${[...folders, ...given].join('/')}/`;
}

/** What `formatKey` was given, or `undefined` for any name that it would not have made; `''` policies come back absent. */
export function parseKey(key: string): KeyParts | undefined {
  const folders = key.split('/');
  const quarantine = folders[0] === quarantineFolder;
  if (quarantine) folders.shift();
  const [instance = '', database = '', policy = '', day = '', file = ''] = folders;
  if (folders.length !== 5 || !file.endsWith('.gz')) return undefined;

  const names = [instance, database, policy === defaultPolicy ? '' : policy].map(decodeName);
  const [instanceName, databaseName, retentionPolicy] = names;
  if (instanceName === undefined || databaseName === undefined || retentionPolicy === undefined) return undefined;
  const parts = {
    instance: instanceName,
    database: databaseName,
    ...(retentionPolicy !== '' && { retentionPolicy }),
    day,
    id: file.slice(0, -'.gz'.length),
    ...(quarantine && { quarantine }),
  };
  return makes(parts, key) ? parts : undefined;
}

/** One partition has one spelling: `%41` for `A`, or `%2f` for `%2F`, is not ours. */
function makes(parts: KeyParts, key: string): boolean {
  try {
    return formatKey(parts) === key;
  } catch (error) {
    if (error instanceof StorageError) return false;
    throw error;
  }
}

function encodePolicy(name: string): string {
  return name === '' ? defaultPolicy : encodeName('retention policy', name);
}

function checkedDay(day: string): string {
  if (!dayPattern.test(day)) throw new StorageError('INVALID_KEY', `The day "${day}" is not of the form YYYYMMDD.`);
  return day;
}

function encodeName(what: string, name: unknown): string {
  if (typeof name !== 'string') {
    throw new StorageError('INVALID_KEY', `The ${what} is ${String(name)}: give its name as a string.`);
  }
  if (name === '') throw new StorageError('INVALID_KEY', `The ${what} has an empty name: give it one.`);
  const encoded = percentEncode(name);
  if (encoded === undefined) {
    throw new StorageError('INVALID_KEY', `The ${what} ${JSON.stringify(name)} is not valid Unicode: rename it.`);
  }
  if (encoded.length > 255) {
    const limit = `has ${encoded.length} bytes once percent-encoded, and 255 is the limit of file systems`;
    throw new StorageError('INVALID_KEY', `The ${what} "${name}" ${limit}: use a shorter name.`);
  }
  return encoded;
}

function percentEncode(name: string): string | undefined {
  if (name === '.' || name === '..') return name.replaceAll('.', '%2E');
  try {
    return encodeURIComponent(name).replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  } catch {
    return undefined; // encodeURIComponent throws for nothing but lone surrogates
  }
}

function decodeName(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined; // a stray "%", or bytes that are not UTF-8
  }
}
