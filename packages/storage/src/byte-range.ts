import { StorageError } from './errors';

/** The bytes of an object from `start` up to but not including `end`, which may be `Infinity`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Checks the range that `get` was asked for, and fills in the default of what is missing.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function resolveRange(key: string, options: { readonly start?: number; readonly end?: number }): ByteRange {
  const { start = 0, end = Infinity } = options;
  const isWhole = Number.isSafeInteger(start) && (Number.isSafeInteger(end) || end === Infinity);
  if (isWhole && start >= 0 && end >= start) return { start, end };
  const found = `got ${start} and ${end} for "${key}"`;
  const message = `Expected \`start\` and \`end\` to be whole numbers with 0 ≤ start ≤ end, ${found}.`;
  throw new StorageError('INVALID_OPTIONS', message, { key });
}
