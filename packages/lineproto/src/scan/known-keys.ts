/** Says that a record does not go on with a known key. */
export const UNLIKE = -1;

/**
 * The keys of a record, each from what stands before it to its `=`. The next record mostly has the same keys, and comparing
 * four bytes at a time is several times as fast as reading them by the rules.
 *
 * They are kept as offsets into the bytes that are scanned: nothing is copied.
 */
export class KnownKeys {
  readonly #view: DataView;
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  readonly #hashes: number[] = [];
  #count = 0;

  constructor(view: DataView) {
    this.#view = view;
  }

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
  }

  /** Forgets all but the first keys. */
  keepFirst(count: number): void {
    this.#count = count;
  }

  add(start: number, end: number, hash = 0): void {
    this.#starts[this.#count] = start;
    this.#ends[this.#count] = end;
    this.#hashes[this.#count] = hash;
    this.#count += 1;
  }

  /** Returns the hash that a key was added with. */
  hashOf(number: number): number {
    return this.#hashes[number] as number; // `number` is below `count`
  }

  /** Returns the offset behind the key with this number if it stands at `at` and ends by `limit`; otherwise {@link UNLIKE}. */
  endAt(number: number, at: number, limit: number): number {
    const view = this.#view;
    const start = this.#starts[number] as number; // `number` is below `count`
    const end = this.#ends[number] as number;
    const shift = at - start;
    if (end + shift > limit) return UNLIKE;
    const last = end - 4;
    if (last < start) return this.#isShortKey(start, end, shift) ? end + shift : UNLIKE;
    for (let i = start; i < last; i += 4) if (view.getInt32(i, true) !== view.getInt32(i + shift, true)) return UNLIKE;
    return view.getInt32(last, true) === view.getInt32(last + shift, true) ? end + shift : UNLIKE;
  }

  #isShortKey(start: number, end: number, shift: number): boolean {
    for (let i = start; i < end; i += 1) if (this.#view.getUint8(i) !== this.#view.getUint8(i + shift)) return false;
    return true;
  }
}

/** The keys of a record's tags and fields. The first tag key begins with the measurement. */
export interface RecordKeys {
  readonly tags: KnownKeys;
  readonly fields: KnownKeys;
}

/** Must be a power of two. */
const shapesMax = 8;
/** A record that is shorter has nothing to compare. */
const recordBytesMin = 4;

/** The keys of the records before, one set for each of a few beginnings: clients mix measurements. */
export class LastKeys {
  readonly #bytes: Uint8Array;
  readonly #sets: (RecordKeys | undefined)[] = [];
  #view: DataView | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Returns the keys to compare those of the record at `start` with; `undefined` for the first record, so that a single one costs nothing. */
  at(start: number): RecordKeys | undefined {
    const bytes = this.#bytes;
    if (start === 0 || start + recordBytesMin > bytes.length) return undefined;
    const [first, second, third] = [bytes[start] as number, bytes[start + 1] as number, bytes[start + 2] as number];
    const slot = (first + 3 * second + 5 * third) & (shapesMax - 1);
    const keys = this.#sets[slot] ?? this.#noKeys();
    this.#sets[slot] = keys;
    return keys;
  }

  #noKeys(): RecordKeys {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    this.#view ??= new DataView(buffer, byteOffset, byteLength);
    return { tags: new KnownKeys(this.#view), fields: new KnownKeys(this.#view) };
  }
}
