import { damaged } from './errors';
import { HIGH, LOW } from './words';

/** The longest a uvarint of 64 bits is. */
const UVARINT_BYTES_MAX = 10;

/** Reads numbers from bytes, one after another, and refuses to read beyond their end. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly end: number;
  position: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.position;
  }

  u8(): number {
    return this.bytes[this.#skip(1)] as number;
  }

  u16(): number {
    const i = this.#skip(2);
    return ((this.bytes[i] as number) << 8) | (this.bytes[i + 1] as number);
  }

  u32(): number {
    return u32At(this.bytes, this.#skip(4));
  }

  /** Reads a big-endian 64-bit number into the two words of `words` that are number `index`. */
  u64(words: Uint32Array, index: number): void {
    const i = this.#skip(8);
    words[2 * index + HIGH] = u32At(this.bytes, i);
    words[2 * index + LOW] = u32At(this.bytes, i + 4);
  }

  /** Reads a big-endian int64. */
  i64(): bigint {
    const i = this.#skip(8);
    return (BigInt(u32At(this.bytes, i) | 0) << 32n) | BigInt(u32At(this.bytes, i + 4));
  }

  /** Returns a view of the next `length` bytes. */
  take(length: number): Uint8Array {
    const i = this.#skip(length);
    return this.bytes.subarray(i, i + length);
  }

  /** Reads a uvarint (base 128, lowest group first) that counts something, so that it is at most 2^53. */
  uvarint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < UVARINT_BYTES_MAX; i += 1) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) break;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    throw damaged('A length or a count has more digits than any can have');
  }

  /** Reads a uvarint of up to 64 bits. */
  uvarint64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.u8();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (value >> 64n !== 0n) break;
      return value;
    }
    throw damaged('A number has more than 64 bits');
  }

  /** Skips bytes. */
  skip(length: number): void {
    this.#skip(length);
  }

  /** Skips a uvarint of up to 64 bits, without making a number of it. */
  skipUvarint64(): void {
    for (let i = 0; i < UVARINT_BYTES_MAX; i += 1) {
      const byte = this.u8();
      if (byte >= 0x80) continue;
      if (i === UVARINT_BYTES_MAX - 1 && byte > 1) break;
      return;
    }
    throw damaged('A number has more than 64 bits');
  }

  #skip(length: number): number {
    const at = this.position;
    if (length > this.end - at) throw damaged('The bytes end in the middle of a value');
    this.position = at + length;
    return at;
  }
}

/** Reads a big-endian u32. The caller has checked that four bytes are there. */
export function u32At(bytes: Uint8Array, i: number): number {
  return (
    (((bytes[i] as number) << 24) |
      ((bytes[i + 1] as number) << 16) |
      ((bytes[i + 2] as number) << 8) |
      (bytes[i + 3] as number)) >>>
    0
  );
}

/** Bytes that grow at their end. */
export class ByteWriter {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Returns what was written, as a view: the next write may use its memory again after `length` was set back. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Makes room for `count` more bytes. The other methods do not check. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.bytes.length));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  u8(value: number): void {
    this.bytes[this.length] = value;
    this.length += 1;
  }

  u16(value: number): void {
    this.u8(value >>> 8);
    this.u8(value);
  }

  u32(value: number): void {
    this.setU32(this.length, value);
    this.length += 4;
  }

  /** Writes number `index` of `words` as big-endian 64 bits. */
  u64(words: Uint32Array, index: number): void {
    this.u32(words[2 * index + HIGH] as number);
    this.u32(words[2 * index + LOW] as number);
  }

  i64(value: bigint): void {
    this.u32(Number(BigInt.asUintN(32, value >> 32n)));
    this.u32(Number(BigInt.asUintN(32, value)));
  }

  uvarint(value: number): void {
    let left = value;
    while (left >= 0x80) {
      this.u8((left % 0x80) | 0x80);
      left = Math.floor(left / 0x80);
    }
    this.u8(left);
  }

  uvarint64(value: bigint): void {
    let left = value;
    while (left >= 0x80n) {
      this.u8(Number(left & 0x7fn) | 0x80);
      left >>= 7n;
    }
    this.u8(Number(left));
  }

  /** Writes bytes, and makes room for them. */
  write(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  setU32(at: number, value: number): void {
    this.bytes[at] = value >>> 24;
    this.bytes[at + 1] = value >>> 16;
    this.bytes[at + 2] = value >>> 8;
    this.bytes[at + 3] = value;
  }
}
