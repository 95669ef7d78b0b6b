import { damaged } from '../errors';

/** What stands between a series key and a field in the keys of a TSM file and of a WAL. */
const SEPARATOR = Buffer.from('#!~#');

/** The two parts of a key, as views of it. Format: docs/storage-engine.md, "TSM file". */
export interface SplitKey {
  /** Measurement and tags, escaped as in line protocol, the tags in order: `cpu,host=a`. */
  readonly seriesKey: Uint8Array;
  /** The name of the field, not escaped. It is empty where InfluxDB dropped a NUL or a tab that was all of it. */
  readonly field: Uint8Array;
}

/**
 * Splits a key of a TSM file at its first `#!~#`. Format: docs/storage-engine.md, "TSM file".
 *
 * @throws TsmError `DAMAGED`: it has none, or nothing stands before it
 */
export function splitKey(key: Uint8Array): SplitKey {
  const at = separatorIn(key);
  if (at === -1) throw damaged(`The key ${keyText(key)} is not that of a field`);
  return { seriesKey: key.subarray(0, at), field: key.subarray(at + SEPARATOR.length) };
}

/** Splits keys that come in their order, and returns the same parts again where they are the same: most keys share both with others. */
export class KeySplitter {
  #seriesKey: Uint8Array = new Uint8Array(0);
  /** The fields of the last series, in order, and how many of the current one are passed. */
  readonly #fields: Uint8Array[] = [];
  #passed = 0;
  /** The index at which the fields of the series begin. */
  #fieldAt = 0;

  /**
   * @param shared how many bytes the key begins with that the one before it began with too: 0 is always right
   * @throws TsmError `DAMAGED`, as `splitKey`
   */
  split(key: Uint8Array, shared: number): SplitKey {
    if (shared < this.#fieldAt || shared === 0) this.#splitSeries(key);
    const expected = this.#fields[this.#passed];
    const isExpected = expected !== undefined && isAt(key, this.#fieldAt, key.length, expected);
    const field = isExpected ? expected : key.subarray(this.#fieldAt);
    if (this.#passed < EXPECTED_FIELDS) this.#fields[this.#passed] = field;
    this.#passed += 1;
    return { seriesKey: this.#seriesKey, field };
  }

  #splitSeries(key: Uint8Array): void {
    const at = separatorIn(key);
    if (at === -1) throw damaged(`The key ${keyText(key)} is not that of a field`);
    this.#fieldAt = at + SEPARATOR.length;
    if (isAt(key, 0, at, this.#seriesKey)) return;
    this.#seriesKey = key.subarray(0, at);
    this.#passed = 0;
  }
}

/** The fields of a series beyond these are not expected. */
const EXPECTED_FIELDS = 1_000;

/** Returns whether a part of a key has these bytes. */
function isAt(key: Uint8Array, from: number, to: number, bytes: Uint8Array): boolean {
  if (to - from !== bytes.length) return false;
  // From the end: keys that differ mostly do so there.
  for (let i = bytes.length - 1; i >= 0; i -= 1) if (key[from + i] !== bytes[i]) return false;
  return true;
}

/** Returns whether `splitKey` can split a key into two parts. */
export function isFieldKey(key: Uint8Array): boolean {
  return separatorIn(key) !== -1;
}

/** Returns where the field begins in a key; -1 if `splitKey` cannot split it. */
export function fieldStart(key: Uint8Array): number {
  const at = separatorIn(key);
  return at === -1 ? -1 : at + SEPARATOR.length;
}

/** Finds the first separator, if a series stands before it. Keys are short: a loop is faster than a call into `Buffer`. */
function separatorIn(key: Uint8Array): number {
  for (let i = 0; i + 3 < key.length; i += 1) {
    if (key[i] === 0x23 && key[i + 1] === 0x21 && key[i + 2] === 0x7e && key[i + 3] === 0x23) {
      return i > 0 ? i : -1;
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

/** Joins keys as `joinKey` does, series by series, in memory that is used again. Format: docs/storage-engine.md, "TSM file". */
export class KeyJoiner {
  #bytes = new Uint8Array(256);
  #fieldAt = 0;

  /** Begins with a series. */
  begin(seriesKey: Uint8Array): void {
    this.#fieldAt = seriesKey.length + SEPARATOR.length;
    if (this.#fieldAt > this.#bytes.length) this.#bytes = new Uint8Array(2 * this.#fieldAt);
    this.#bytes.set(seriesKey);
    this.#bytes.set(SEPARATOR, seriesKey.length);
  }

  /** Returns the key of a field of the series, a view: good until the next call. */
  join(field: Uint8Array): Uint8Array {
    const length = this.#fieldAt + field.length;
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.#bytes.subarray(0, this.#fieldAt));
      this.#bytes = larger;
    }
    // A loop is faster than a call for the few bytes of a name.
    for (let i = 0; i < field.length; i += 1) this.#bytes[this.#fieldAt + i] = field[i] as number;
    return this.#bytes.subarray(0, length);
  }
}

/** Returns a key as messages show it: in quotes, and cut where it is long. */
export function keyText(key: Uint8Array): string {
  const text = Buffer.from(key.buffer, key.byteOffset, key.length).toString('utf8');
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
