import { inspect } from 'node:util';
import { StorageError } from '../errors';
import { checkPrefix } from '../keys/check-key';

/**
 * Returns an adapter's option `prefix` as `''`, or as a folder that ends in `/`.
 *
 * @throws StorageError `INVALID_OPTIONS`
 */
export function resolveFolder(prefix: unknown): string {
  if (typeof prefix !== 'string') throw badPrefix(prefix);
  const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  try {
    checkPrefix(folder);
  } catch (cause) {
    throw badPrefix(prefix, cause);
  }
  return folder;
}

function badPrefix(prefix: unknown, cause?: unknown): StorageError {
  const message = `Expected \`prefix\` to be names with "/" between them, got ${inspect(prefix)}.`;
  return new StorageError('INVALID_OPTIONS', message, { cause });
}

/**
 * Returns the folder that the path of a storage URL names, without its percent-encoding.
 *
 * @param path without the `/` at its begin
 * @throws StorageError `INVALID_OPTIONS`
 */
export function decodeFolder(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    const message = `The prefix "${path}" has a "%" that encodes nothing. Write %25 for it.`;
    throw new StorageError('INVALID_OPTIONS', message, { cause });
  }
}
