import { damaged } from '../errors';

/** What stands between a series key and a field in the keys of a TSM file and of a WAL. */
const SEPARATOR = Buffer.from('#!~#');

/** The two parts of a key, as views of it. */
export interface SplitKey {
  /** Measurement and tags, escaped as in line protocol, the tags in order: `cpu,host=a`. */
  readonly seriesKey: Uint8Array;
  /** The name of the field, not escaped. */
  readonly field: Uint8Array;
}

/**
 * Splits a key of a TSM file at its first `#!~#`. Format: docs/storage-engine.md, "TSM file".
 *
 * @throws TsmError `DAMAGED`: it has none, or a part is empty
 */
export function splitKey(key: Uint8Array): SplitKey {
  const at = separatorIn(key);
  if (at === -1) throw damaged(`The key ${keyText(key)} is not that of a field`);
  return { seriesKey: key.subarray(0, at), field: key.subarray(at + SEPARATOR.length) };
}

/** Returns whether `splitKey` can split a key into two parts. */
export function isFieldKey(key: Uint8Array): boolean {
  return separatorIn(key) !== -1;
}

/** Finds the first separator, if something stands on both sides. Keys are short: a loop is faster than a call into `Buffer`. */
function separatorIn(key: Uint8Array): number {
  for (let i = 0; i + 3 < key.length; i += 1) {
    if (key[i] === 0x23 && key[i + 1] === 0x21 && key[i + 2] === 0x7e && key[i + 3] === 0x23) {
      return i > 0 && i + 4 < key.length ? i : -1;
    }
  }
  return -1;
}

/** Returns the key of a field of a series in a TSM file. Format: docs/storage-engine.md, "TSM file". */
export function joinKey(seriesKey: Uint8Array, field: Uint8Array): Uint8Array {
  const key = new Uint8Array(seriesKey.length + SEPARATOR.length + field.length);
  key.set(seriesKey);
  key.set(SEPARATOR, seriesKey.length);
  key.set(field, seriesKey.length + SEPARATOR.length);
  return key;
}

/** Returns a key as messages show it: in quotes, and cut where it is long. */
export function keyText(key: Uint8Array): string {
  const text = Buffer.from(key.buffer, key.byteOffset, key.length).toString('utf8');
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
