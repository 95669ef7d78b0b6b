const LF = 0x0a;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const BACKSLASH = 0x5c;
const LETTER_I = 0x69;

/** The types of values, as far as their first and last bytes tell. */
export const STRING = 0;
export const BOOLEAN = 1;
export const INTEGER = 2;
export const FLOAT = 3;

const WORD_BYTES = 4;

/** Says that a record has another shape. */
export const OTHER_SHAPE = -1;

/** Bytes to look through, and the next blank that was found in them: it is looked for once. */
export class Searched {
  readonly bytes: Buffer;
  readonly view: DataView;
  #blank = -1;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Returns the offset of the next blank, or the length of the bytes. `from` must not go back. */
  blankFrom(from: number): number {
    if (this.#blank < from) {
      const found = this.bytes.indexOf(SPACE, from);
      this.#blank = found === -1 ? this.bytes.length : found;
    }
    return this.#blank;
  }
}

/** A short text to compare, four bytes at a time. */
class Text {
  readonly length: number;
  readonly #bytes: Uint8Array;
  /** Its words, the last of which ends where the text does. */
  readonly #words: Int32Array;

  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.#bytes = Uint8Array.from(bytes);
    const view = new DataView(this.#bytes.buffer);
    const words = Math.ceil(bytes.length / WORD_BYTES);
    this.#words = Int32Array.from({ length: bytes.length < WORD_BYTES ? 0 : words }, (_, i) => {
      return view.getInt32(Math.min(WORD_BYTES * i, bytes.length - WORD_BYTES), true);
    });
  }

  isAt({ bytes, view }: Searched, at: number): boolean {
    const { length } = this;
    if (at + length > bytes.length) return false;
    const words = this.#words;
    const last = words.length - 1;
    for (let i = 0; i < last; i += 1) if (view.getInt32(at + WORD_BYTES * i, true) !== words[i]) return false;
    if (last >= 0) return view.getInt32(at + length - WORD_BYTES, true) === words[last];
    for (let i = 0; i < length; i += 1) if (bytes[at + i] !== this.#bytes[i]) return false;
    return true;
  }
}

/** The measurement of a record, and its fields with their types, as the record spells them. */
export class RecordShape {
  /** The number of each field among those of all measurements, or -1 for one that does not count. */
  readonly fields: readonly number[];
  readonly types: Uint8Array;
  /** The body in which it was seen last. */
  body = 0;
  readonly #measurement: Text;
  /** The keys, each with its `=`. */
  readonly #keys: readonly Text[];

  constructor(
    measurement: Uint8Array,
    keys: readonly Uint8Array[],
    { fields, types }: { readonly fields: readonly number[]; readonly types: Uint8Array },
  ) {
    this.#measurement = new Text(measurement);
    this.#keys = keys.map((key) => new Text(key));
    this.fields = fields;
    this.types = types;
  }

  /**
   * Returns the end of the record that begins at `start` if it has this shape and is written in the plainest form, or {@link OTHER_SHAPE}.
   */
  endOf(searched: Searched, start: number): number {
    const { bytes } = searched;
    if (!this.#measurement.isAt(searched, start)) return OTHER_SHAPE;
    const nameEnd = start + this.#measurement.length;
    if (bytes[nameEnd] !== COMMA && bytes[nameEnd] !== SPACE) return OTHER_SHAPE;
    let i = searched.blankFrom(nameEnd);
    if (bytes[i - 1] === BACKSLASH) return OTHER_SHAPE;
    const keys = this.#keys;
    for (let field = 0; field < keys.length; field += 1) {
      i += 1;
      const key = keys[field] as Text;
      if (!key.isAt(searched, i)) return OTHER_SHAPE;
      i = endOfValue(bytes, i + key.length, this.types[field] as number);
      if (i === OTHER_SHAPE || bytes[i] !== (field + 1 < keys.length ? COMMA : SPACE)) return OTHER_SHAPE;
    }
    i += bytes[i + 1] === MINUS ? 2 : 1;
    const digits = i;
    while (isDigit(bytes[i] as number)) i += 1;
    return i > digits && (bytes[i] === LF || i === bytes.length) ? i : OTHER_SHAPE;
  }
}

/** Returns the end of a value of this type, or {@link OTHER_SHAPE} if it has another one. */
function endOfValue(bytes: Buffer, start: number, type: number): number {
  const first = bytes[start] as number;
  let i = start;
  if (type === STRING) {
    if (first !== QUOTE) return OTHER_SHAPE;
    for (i += 1; i < bytes.length && bytes[i] !== QUOTE; i += 1) if (bytes[i] === BACKSLASH) return OTHER_SHAPE;
    return i + 1;
  }
  let byte = first;
  while (byte !== COMMA && byte !== SPACE) {
    if (byte === BACKSLASH || byte === QUOTE || byte === LF || i === bytes.length) return OTHER_SHAPE;
    i += 1;
    byte = bytes[i] as number;
  }
  if (!startsNumber(first)) return type === BOOLEAN ? i : OTHER_SHAPE;
  return type === (bytes[i - 1] === LETTER_I ? INTEGER : FLOAT) ? i : OTHER_SHAPE;
}

/** Returns whether InfluxDB takes a value for a number, also one that it then refuses. */
function startsNumber(byte: number): boolean {
  return isDigit(byte) || byte === MINUS || byte === DOT || byte === LETTER_I || byte === 0x4e || byte === 0x6e;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
