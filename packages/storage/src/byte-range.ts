import { StorageError } from './errors';

/** Of an object: from `start` up to and without `end`, which may be `Infinity`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range that `get` was asked for, checked.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function resolveRange(key: string, options: { readonly start?: number; readonly end?: number }): ByteRange {
  const { start = 0, end = Infinity } = options;
  const whole = Number.isSafeInteger(start) && (Number.isSafeInteger(end) || end === Infinity);
  if (whole && start >= 0 && end >= start) return { start, end };
  const range = `from ${start} to ${end}`;
  throw new StorageError('INVALID_OPTIONS', `"${key}" cannot be read ${range}: give whole numbers, 0 ≤ start ≤ end.`, {
    key,
  });
}
