import { drillsFolder } from '../drill/drill-key';
import { StorageError } from '../errors';
import { heartbeatFolder } from '../heartbeat/heartbeat-key';
import { checkKey } from '../keys/check-key';
import { decodeName, encodeName, parseKey } from '../keys/format-key';
import { openedMsIn } from '../keys/opened-ms';

/** The first part of every manifest's key. No encoded name contains a `~`, so it is never an instance. */
export const seedFolder = '~seed';
/** The first part of the key of every file of statements. */
export const schemaFolder = '~schema';

const manifestSuffix = '.json.gz';
const schemaSuffix = '.influxql.gz';
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The names of first seeds count from here: before anything that a sink has ever stored. */
const firstSeedMs = Date.UTC(2000, 0, 1);
/** A first seed would need 366 million files a day for a hundred days to leave its year. */
const firstSeedEndMs = Date.UTC(2001, 0, 1);

/** The fourth group of the id of every file of a seed. A sink's file has it by chance once in 16,384. */
const seedMark = '8eed';
const countMax = 2 ** 36;
const randomMax = 2 ** 24;

/** The names of one seed, or of one schema. */
export interface SeedKeyParts {
  readonly instance: string;
  /** A UUID. */
  readonly id: string;
}

/** Returns the key of a seed's manifest: `~seed/[instance]/[UUID].json.gz`. @throws StorageError `INVALID_KEY` */
export function seedManifestKey(instance: string, id: string): string {
  return keyOf(seedFolder, instance, id, manifestSuffix);
}

/** Returns the key of a file of statements: `~schema/[instance]/[UUID].influxql.gz`. @throws StorageError `INVALID_KEY` */
export function schemaKey(instance: string, id: string): string {
  return keyOf(schemaFolder, instance, id, schemaSuffix);
}

/** Returns the prefix of the manifests of an instance, or of all. */
export function seedPrefix(instance?: string): string {
  return instance === undefined ? `${seedFolder}/` : `${seedFolder}/${encodeName('instance', instance)}/`;
}

/** Returns the prefix of the schemas of an instance. */
export function schemaPrefix(instance: string): string {
  return `${schemaFolder}/${encodeName('instance', instance)}/`;
}

/** Returns what `seedManifestKey` was given; `undefined` for a name that it would not return. */
export function parseSeedManifestKey(key: string): SeedKeyParts | undefined {
  return partsOf(key, seedFolder, manifestSuffix);
}

/** Returns what `schemaKey` was given; `undefined` for a name that it would not return. */
export function parseSchemaKey(key: string): SeedKeyParts | undefined {
  return partsOf(key, schemaFolder, schemaSuffix);
}

function keyOf(folder: string, instance: string, id: string, suffix: string): string {
  if (!uuidPattern.test(id)) {
    throw new StorageError('INVALID_KEY', `Expected \`id\` to be a UUID in lower case, got "${id}".`);
  }
  const key = `${folder}/${encodeName('instance', instance)}/${id}${suffix}`;
  checkKey(key);
  return key;
}

function partsOf(key: string, folder: string, suffix: string): SeedKeyParts | undefined {
  const [first, encoded = '', file = '', ...more] = key.split('/');
  if (first !== folder || more.length > 0 || !file.endsWith(suffix)) return undefined;
  const instance = decodeName(encoded);
  if (instance === undefined || instance === '') return undefined;
  const id = file.slice(0, -suffix.length);
  try {
    return keyOf(folder, instance, id, suffix) === key ? { instance, id } : undefined;
  } catch (error) {
    if (error instanceof StorageError) return undefined;
    throw error;
  }
}

/** Returns the ms in the name of file `n` of a first seed, counted from 0: they sort before everything that was ever teed. */
export function seedFileMs(n: number): number {
  const ms = firstSeedMs + n;
  if (Number.isSafeInteger(n) && n >= 0 && ms < firstSeedEndMs) return ms;
  throw new RangeError(`Expected the number of a file of a seed to be a whole number below 2 ** 34, got ${n}.`);
}

/**
 * Returns the id of a file of a seed: a UUIDv7. Those of one ms sort by `count`. For a first seed, `ms` is `seedFileMs(n)`; all files of a later one
 * have the same `ms`.
 *
 * @param count from 0 to 2 ** 36 - 1
 * @param random from 0 to 2 ** 24 - 1
 */
export function seedFileId(ms: number, count: number, random: number): string {
  const isGood = Number.isSafeInteger(ms) && ms >= 0 && isBelow(count, countMax) && isBelow(random, randomMax);
  if (!isGood) throw new RangeError(`Expected numbers that an id can hold, got ${ms}, ${count} and ${random}.`);
  const time = hex(ms, 12);
  const [high, low] = [Math.floor(count / randomMax), count % randomMax];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(high, 3)}-${seedMark}-${hex(low, 6)}${hex(random, 6)}`;
}

function isBelow(value: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= 0 && value < max;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

/** Returns whether a key that is not of a backup file is of what Ceres stores beside them: a heartbeat, a manifest, a schema or a certificate. */
export function isOfBackup(key: string): boolean {
  const folders = [heartbeatFolder, seedFolder, schemaFolder, drillsFolder];
  return folders.some((folder) => key.startsWith(`${folder}/`));
}

/** Returns whether a key is that of a file of a first seed: no sink issues names of the year 2000. */
export function isSeedName(key: string): boolean {
  const parts = parseKey(key);
  if (parts === undefined) return false;
  const openedMs = openedMsIn(parts.id);
  return openedMs !== undefined && isFirstSeedMs(openedMs);
}

/** Returns whether a file that was opened at this time is one of a first seed. */
export function isFirstSeedMs(openedMs: number): boolean {
  return openedMs >= firstSeedMs && openedMs < firstSeedEndMs;
}

/** Returns whether the id of a file may be that of a later seed: then its header tells. */
export function mayBeSeedId(id: string): boolean {
  return id.slice(19, 23) === seedMark;
}
