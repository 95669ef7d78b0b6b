import { StorageError } from '../errors';

/** The limit of Google Cloud Storage (https://cloud.google.com/storage/docs/objects#naming) and of S3, in UTF-8 bytes. */
const keyBytesMax = 1024;
/** NAME_MAX of every common file system, in UTF-8 bytes, so that any key can be mirrored on a disk. */
const partBytesMax = 255;

/** A lone surrogate has no UTF-8 form; a control character breaks listings and shells (Google refuses CR and LF). */
const unprintable = /[\p{Cc}\p{Surrogate}]/u;

/**
 * Refuses what cannot be a key in every storage: parts between `/` that are empty, end in a dot or have over 255 bytes (so
 * also an absolute key), backslashes, control characters, lone surrogates, and keys that are empty or over 1,024 bytes.
 * Every adapter calls it before any I/O.
 *
 * @throws StorageError `INVALID_KEY`
 */
export function checkKey(key: string): void {
  if (typeof key !== 'string' || key === '') throw refused(String(key), 'it is empty');
  checkText(key);
  for (const part of key.split('/')) checkPart(key, part);
}

/**
 * Refuses a prefix that no key could begin with. It may be empty, end in `/`, or end inside a name.
 *
 * @throws StorageError `INVALID_KEY`
 */
export function checkPrefix(prefix: string): void {
  if (typeof prefix !== 'string') throw refused(String(prefix), 'it is not a string');
  checkText(prefix);
  for (const part of prefix.split('/').slice(0, -1)) checkPart(prefix, part);
}

function checkText(key: string): void {
  if (key.includes('\\')) throw refused(key, 'it contains a backslash, which Azure stores as "/"');
  if (unprintable.test(key)) throw refused(key, 'it contains a control character or half a surrogate pair');
  const bytes = Buffer.byteLength(key);
  if (bytes > keyBytesMax) throw refused(key, `it has ${bytes} bytes, and the limit is ${keyBytesMax}`);
}

function checkPart(key: string, part: string): void {
  if (part === '') throw refused(key, 'it has an empty part (it begins or ends with "/", or contains "//")');
  if (part === '.' || part === '..') throw refused(key, `the part "${part}" would leave its folder`);
  if (part.endsWith('.')) throw refused(key, `the part "${shortened(part)}" ends in a dot, which Azure drops`);
  const bytes = Buffer.byteLength(part);
  if (bytes > partBytesMax) {
    throw refused(key, `the part "${shortened(part)}" has ${bytes} bytes, and the limit is ${partBytesMax}`);
  }
}

function refused(key: string, why: string): StorageError {
  return new StorageError('INVALID_KEY', `"${shortened(key)}" cannot be an object's key: ${why}. Use formatKey().`, {
    key,
  });
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}…` : text;
}
