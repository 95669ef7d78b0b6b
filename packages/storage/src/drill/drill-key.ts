import { StorageError } from '../errors';
import { checkKey } from '../keys/check-key';
import { checkedDay, decodeName, encodeName } from '../keys/format-key';

/** The first part of the key of every certificate. No encoded name contains a `~`, so it is never an instance. */
export const drillsFolder = '~drills';

const suffix = '.json';
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The names of one certificate. */
export interface DrillKeyParts {
  readonly instance: string;
  /** The UTC day on which the drill began: YYYYMMDD. */
  readonly day: string;
  /** A UUID. */
  readonly id: string;
}

/** Returns the key of a certificate: `~drills/[instance]/[YYYYMMDD]/[UUID].json`. @throws StorageError `INVALID_KEY` */
export function drillKey({ instance, day, id }: DrillKeyParts): string {
  if (!uuidPattern.test(id)) {
    throw new StorageError('INVALID_KEY', `Expected \`id\` to be a UUID in lower case, got "${id}".`);
  }
  const key = `${drillPrefix(instance)}${checkedDay(day)}/${id}${suffix}`;
  checkKey(key);
  return key;
}

/** Returns the prefix of the certificates of an instance. */
export function drillPrefix(instance: string): string {
  return `${drillsFolder}/${encodeName('instance', instance)}/`;
}

/** Returns what `drillKey` was given; `undefined` for a name that it would not return. */
export function parseDrillKey(key: string): DrillKeyParts | undefined {
  const [first, encoded = '', day = '', file = '', ...more] = key.split('/');
  if (first !== drillsFolder || more.length > 0 || !file.endsWith(suffix)) return undefined;
  const parts = { instance: decodeName(encoded) ?? '', day, id: file.slice(0, -suffix.length) };
  try {
    return drillKey(parts) === key ? parts : undefined;
  } catch (error) {
    if (error instanceof StorageError) return undefined;
    throw error;
  }
}
