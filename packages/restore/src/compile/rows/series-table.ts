import type { Measurement } from './shape';

/** What is known of a spelling of a series key that stands for no series here: its measurement is not selected. */
export const PASSED_OVER = -2;
export const UNKNOWN = -1;

const SPACE = 0x20;
const PLACES_MIN = 1024;
const ENTRY_WORDS = 4;

/**
 * Numbers series by their keys, as bytes, in a hash table of open addressing. A series may be spelled in several ways, which differ in the
 * order of its tags.
 */
export class SeriesTable {
  /** The measurement of each series. */
  readonly measurements: Measurement[] = [];
  /** Four words a spelling: its hash, where it begins in `#text`, its length, and its series. */
  #entries = new Int32Array(ENTRY_WORDS * 256);
  #count = 0;
  #longest = 0;
  /** The number + 1 of the spelling that came after each, by its number + 1; and that of the spelling that was found last. */
  #next = new Int32Array(257);
  #last = 0;
  /** The end of the key that `findNext` has found. */
  end = 0;
  /** The number of a spelling + 1 by its place. */
  #places = new Int32Array(PLACES_MIN);
  #text = new Uint8Array(64 * 1024);
  #view = new DataView(this.#text.buffer);
  #textLength = 0;
  /** The key of each series, as InfluxDB stores it. */
  #keyStarts = new Float64Array(256);
  #keyLengths = new Int32Array(256);

  get length(): number {
    return this.measurements.length;
  }

  /** The memory that it takes. */
  get sizeBytes(): number {
    return this.#text.length + 4 * (this.#entries.length + this.#places.length + this.#next.length) + 40 * this.length;
  }

  /** Returns the series that the bytes from `start` to `end` spell, {@link PASSED_OVER} or {@link UNKNOWN}. */
  find(view: DataView, start: number, end: number): number {
    if (end - start > this.#longest) return UNKNOWN; // Hashing it again and again would take a time that grows faster than the file.
    const hash = hashOf(view, start, end);
    const mask = this.#places.length - 1;
    for (let place = (hash ^ (hash >>> 15)) & mask; ; place = (place + 1) & mask) {
      const number = this.#places[place] as number;
      if (number === 0) return UNKNOWN;
      const entry = ENTRY_WORDS * (number - 1);
      if (this.#entries[entry] === hash && this.#isAt(entry, view, start, end)) {
        this.#next[this.#last] = number;
        this.#last = number;
        return this.#entries[entry + 3] as number;
      }
    }
  }

  /**
   * Returns what `find` would, if the bytes from `start` up to a blank spell the series that came after the last one before: series mostly
   * take turns. Returns {@link UNKNOWN} otherwise.
   */
  findNext(view: DataView, start: number): number {
    const number = this.#next[this.#last] as number;
    if (number === 0) return UNKNOWN;
    const entry = ENTRY_WORDS * (number - 1);
    const end = start + (this.#entries[entry + 2] as number);
    if (end >= view.byteLength || view.getUint8(end) !== SPACE || !this.#isAt(entry, view, start, end)) return UNKNOWN;
    this.#last = number;
    this.end = end;
    return this.#entries[entry + 3] as number;
  }

  /** Adds a spelling that `find` does not know. `series` is the number of its series, or {@link PASSED_OVER}. */
  add(spelling: Uint8Array, series: number): void {
    if (2 * (this.#count + 1) > this.#places.length) this.#rehash();
    if (ENTRY_WORDS * (this.#count + 1) > this.#entries.length) {
      const larger = new Int32Array(2 * this.#entries.length);
      larger.set(this.#entries);
      this.#entries = larger;
      const next = new Int32Array(larger.length / ENTRY_WORDS + 1);
      next.set(this.#next);
      this.#next = next;
    }
    const view = new DataView(spelling.buffer, spelling.byteOffset, spelling.length);
    this.#longest = Math.max(this.#longest, spelling.length);
    const entry = ENTRY_WORDS * this.#count;
    this.#entries[entry] = hashOf(view, 0, spelling.length);
    this.#entries[entry + 1] = this.#keep(spelling);
    this.#entries[entry + 2] = spelling.length;
    this.#entries[entry + 3] = series;
    this.#count += 1;
    this.#put(this.#count);
    this.#next[this.#last] = this.#count;
    this.#last = this.#count;
  }

  /** Adds a series by its key as InfluxDB stores it, and returns its number. */
  addSeries(key: Uint8Array, measurement: Measurement): number {
    const series = this.measurements.push(measurement) - 1;
    if (series >= this.#keyLengths.length) {
      const [starts, lengths] = [this.#keyStarts, this.#keyLengths];
      this.#keyStarts = new Float64Array(2 * series);
      this.#keyLengths = new Int32Array(2 * series);
      this.#keyStarts.set(starts);
      this.#keyLengths.set(lengths);
    }
    this.add(key, series);
    const entry = ENTRY_WORDS * (this.#count - 1);
    this.#keyStarts[series] = this.#entries[entry + 1] as number;
    this.#keyLengths[series] = key.length;
    return series;
  }

  /** Returns the key of a series as InfluxDB stores it: a view. */
  keyOf(series: number): Uint8Array {
    const start = this.#keyStarts[series] as number;
    return this.#text.subarray(start, start + (this.#keyLengths[series] as number));
  }

  /** Returns the numbers of all series in the order of their keys in a TSM file, where `#!~#` follows each. */
  inKeyOrder(): Uint32Array {
    const separator = Buffer.from('#!~#');
    const keys = Array.from({ length: this.length }, (_, series) => Buffer.concat([this.keyOf(series), separator]));
    return Uint32Array.from(keys.keys()).sort((a, b) => (keys[a] as Buffer).compare(keys[b] as Buffer));
  }

  #isAt(entry: number, view: DataView, start: number, end: number): boolean {
    const length = end - start;
    if (this.#entries[entry + 2] !== length) return false;
    const own = this.#view;
    const base = this.#entries[entry + 1] as number;
    if (length < 4) {
      for (let i = 0; i < length; i += 1) if (own.getUint8(base + i) !== view.getUint8(start + i)) return false;
      return true;
    }
    const last = length - 4;
    for (let i = 0; i < last; i += 4) {
      if (own.getInt32(base + i, true) !== view.getInt32(start + i, true)) return false;
    }
    return own.getInt32(base + last, true) === view.getInt32(start + last, true);
  }

  #keep(bytes: Uint8Array): number {
    const at = this.#textLength;
    if (at + bytes.length > this.#text.length) {
      const larger = new Uint8Array(Math.max(2 * this.#text.length, at + bytes.length));
      larger.set(this.#text);
      this.#text = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#text.set(bytes, at);
    this.#textLength = at + bytes.length;
    return at;
  }

  #put(number: number): void {
    const hash = this.#entries[ENTRY_WORDS * (number - 1)] as number;
    const mask = this.#places.length - 1;
    let place = (hash ^ (hash >>> 15)) & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = number;
  }

  #rehash(): void {
    this.#places = new Int32Array(4 * this.#places.length);
    for (let number = 1; number <= this.#count; number += 1) this.#put(number);
  }
}

/** Hashes words of four bytes; the last one may overlap the one before. */
function hashOf(view: DataView, start: number, end: number): number {
  let hash = end - start;
  if (hash < 4) {
    for (let i = start; i < end; i += 1) hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ view.getUint8(i), 0x9e3779b1);
    return hash;
  }
  const last = end - 4;
  for (let i = start; i < last; i += 4) {
    hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ view.getInt32(i, true), 0x9e3779b1);
  }
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ view.getInt32(last, true), 0x9e3779b1);
}
