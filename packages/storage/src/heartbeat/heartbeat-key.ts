import { utcDay } from '@ceres/internal';
import { StorageError } from '../errors';
import { checkKey } from '../keys/check-key';
import { checkedDay, decodeName, encodeName } from '../keys/format-key';

/** The parts of a heartbeat's key: `~heartbeat/[instance]/[sink]/[YYYYMMDD]/[UUID].json.gz`. */
export interface HeartbeatKeyParts {
  readonly instance: string;
  readonly sink: string;
  /** The UTC day of which the heartbeat speaks: that of `id`, or an earlier one if it restates a whole day. */
  readonly day: string;
  /** A UUIDv7. */
  readonly id: string;
}

/** The first part of every heartbeat's key. No encoded name contains a `~`, so it is never an instance. */
export const heartbeatFolder = '~heartbeat';

const suffix = '.json.gz';
const sinkPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/**
 * Returns the key of a heartbeat. `parseHeartbeatKey` is its inverse.
 *
 * @throws StorageError `INVALID_KEY`: an instance that no key can hold, a `sink` that is not a UUID in lower case, an `id` that is
 * not a UUIDv7, a `day` that is not YYYYMMDD or is after that of `id`
 */
export function formatHeartbeatKey({ instance, sink, day, id }: HeartbeatKeyParts): string {
  if (!idPattern.test(id)) throw new StorageError('INVALID_KEY', `Expected \`id\` to be a UUIDv7, got "${id}".`);
  if (day > utcDay(heartbeatMs(id))) {
    throw new StorageError('INVALID_KEY', `Expected \`day\` to be no later than that of the id ${id}, got ${day}.`);
  }
  const key = `${formatHeartbeatPrefix({ instance, sink, day })}${id}${suffix}`;
  checkKey(key);
  return key;
}

/**
 * Returns the prefix, ending in `/`, that the keys of all heartbeats, or those of an instance, sink or day, have in common.
 *
 * @throws StorageError `INVALID_KEY` as `formatHeartbeatKey`
 */
export function formatHeartbeatPrefix(parts: Partial<Omit<HeartbeatKeyParts, 'id'>> = {}): string {
  const { instance, sink, day } = parts;
  const folders = [heartbeatFolder];
  if (instance !== undefined) folders.push(encodeName('instance', instance));
  if (sink !== undefined) folders.push(checkedSink(sink));
  if (day !== undefined) folders.push(checkedDay(day));
  return `${folders.join('/')}/`;
}

/** Returns what `formatHeartbeatKey` was given, or `undefined` for a name that it would not return. */
export function parseHeartbeatKey(key: string): HeartbeatKeyParts | undefined {
  const [folder, encoded = '', sink = '', day = '', file = '', ...more] = key.split('/');
  if (folder !== heartbeatFolder || more.length > 0 || !file.endsWith(suffix)) return undefined;
  const instance = decodeName(encoded);
  if (instance === undefined) return undefined;
  const parts = { instance, sink, day, id: file.slice(0, -suffix.length) };
  try {
    return formatHeartbeatKey(parts) === key ? parts : undefined;
  } catch (error) {
    if (error instanceof StorageError) return undefined;
    throw error;
  }
}

/** Returns the time of a heartbeat's id, in ms since the epoch: its first 48 bits (RFC 9562, section 5.7). */
export function heartbeatMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** Says by its name alone if a heartbeat restates a whole day: then it lies in the folder of that day, which is over. */
export function isWholeDayKey({ day, id }: HeartbeatKeyParts): boolean {
  return day < utcDay(heartbeatMs(id));
}

function checkedSink(sink: string): string {
  if (sinkPattern.test(sink)) return sink;
  throw new StorageError('INVALID_KEY', `Expected \`sink\` to be a UUID in lower case, got "${sink}".`);
}
