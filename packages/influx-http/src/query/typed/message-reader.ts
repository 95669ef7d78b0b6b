import type { InfluxHttpError } from '../../errors';
import { type ArrivingBytes, notMessagePack } from './arriving-bytes';
import type { TypedRow } from './typed-row';

/** InfluxDB's answers are seven levels deep; a hostile one must not cost more. */
const depthMax = 32;
/** The longest list of names. A series key of 64 KiB has fewer tags, and no measurement has as many fields. */
const namesMax = 1_000_000;

/**
 * Reads MessagePack values, in the forms that InfluxDB writes. Strings become text with one character for each byte
 * (latin1), because names and values need not be UTF-8. To be used inside `ArrivingBytes.whole` or `attempt`.
 *
 * Source of the forms: https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export class MessageReader {
  readonly #input: ArrivingBytes;

  constructor(input: ArrivingBytes) {
    this.#input = input;
  }

  /** Reads the number of pairs in a map. */
  mapSize(): number {
    const byte = this.#byte();
    if (byte >> 4 === 0x8) return byte & 0x0f;
    if (byte === 0xde) return this.#unsigned(2);
    if (byte === 0xdf) return this.#unsigned(4);
    throw this.#unexpected(byte, 'a map');
  }

  /** Reads the number of values in an array. */
  arraySize(): number {
    const byte = this.#byte();
    if (byte >> 4 === 0x9) return byte & 0x0f;
    if (byte === 0xdc) return this.#unsigned(2);
    if (byte === 0xdd) return this.#unsigned(4);
    throw this.#unexpected(byte, 'an array');
  }

  /** Reads a string as text with one character for each byte. */
  text(): string {
    const byte = this.#byte();
    const size = this.#stringSize(byte);
    if (size === undefined) throw this.#unexpected(byte, 'a string');
    const start = this.#take(size);
    return this.#input.bytes.toString('latin1', start, this.#input.at);
  }

  /** Reads an array of strings, or a map of them as pairs. */
  texts(count: number): string[] {
    if (count > namesMax) throw notMessagePack(`a list of ${count} names`);
    const texts: string[] = [];
    for (let i = 0; i < count; i += 1) texts.push(this.text());
    return texts;
  }

  /** Reads a boolean. */
  flag(): boolean {
    const byte = this.#byte();
    if (byte === 0xc2 || byte === 0xc3) return byte === 0xc3;
    throw this.#unexpected(byte, 'a boolean');
  }

  /** Reads a value into a cell of a row, with its type and all its bits. */
  cell(row: TypedRow, i: number): void {
    const byte = this.#byte();
    if (byte === 0xcb) {
      const at = this.#take(8);
      row.setFloat(i, this.#input.bytes.readUInt32BE(at), this.#input.bytes.readUInt32BE(at + 4));
    } else if (byte <= 0x7f) row.setInteger(i, 0, byte);
    else if (byte >= 0xe0) row.setInteger(i, 0xffffffff, byte - 0x100);
    else if (byte >= 0xcc && byte <= 0xd3) this.#integer(byte, row, i);
    else if (byte === 0xc0) row.setNone(i);
    else if (byte === 0xc2 || byte === 0xc3) row.setBoolean(i, byte === 0xc3);
    else if (byte === 0xca) row.setNumber(i, this.#input.bytes.readFloatBE(this.#take(4)));
    else if (byte === 0xc7) this.#time(row, i);
    else {
      const size = this.#stringSize(byte);
      if (size === undefined) throw this.#unexpected(byte, 'a value of a field');
      const start = this.#take(size);
      row.setString(i, start, this.#input.at);
    }
  }

  /** Reads any value and forgets it. */
  skip(depth = 0): void {
    if (depth > depthMax) throw notMessagePack(`it is nested deeper than ${depthMax} levels`);
    const byte = this.#byte();
    const isMap = byte >> 4 === 0x8 || byte === 0xde || byte === 0xdf;
    if (isMap || byte >> 4 === 0x9 || byte === 0xdc || byte === 0xdd) {
      this.#input.at -= 1;
      const count = isMap ? 2 * this.mapSize() : this.arraySize();
      for (let i = 0; i < count; i += 1) this.skip(depth + 1);
      return;
    }
    const size = this.#stringSize(byte) ?? scalarBytes.get(byte);
    if (size !== undefined) this.#take(size);
    else if (byte === 0xc4 || byte === 0xc7) this.#take(this.#unsigned(1) + (byte === 0xc7 ? 1 : 0));
    else if (byte > 0x7f && byte < 0xe0) throw this.#unexpected(byte, 'a value');
  }

  /** Reads a time as InfluxDB writes it where no epoch is asked for: extension 5, i64 seconds and i32 nanoseconds. */
  #time(row: TypedRow, i: number): void {
    const at = this.#take(14);
    if (this.#input.bytes[at] !== 12 || this.#input.bytes[at + 1] !== 5)
      throw notMessagePack('it has an extension that is not a time');
    const ns =
      this.#input.bytes.readBigInt64BE(at + 2) * 1_000_000_000n + BigInt(this.#input.bytes.readInt32BE(at + 10));
    row.setInteger(i, Number(BigInt.asUintN(32, ns >> 32n)), Number(BigInt.asUintN(32, ns)));
  }

  /** Reads an integer of 1, 2, 4 or 8 bytes, without a sign (`0xcc` to `0xcf`) or with one (`0xd0` to `0xd3`). */
  #integer(byte: number, row: TypedRow, i: number): void {
    const size = 1 << (byte & 3);
    const at = this.#take(size);
    if (size === 8) {
      const high = this.#input.bytes.readUInt32BE(at);
      if (byte === 0xcf && high > 0x7fffffff) throw notMessagePack('it has an integer beyond int64');
      row.setInteger(i, high, this.#input.bytes.readUInt32BE(at + 4));
    } else if (byte < 0xd0) row.setInteger(i, 0, this.#input.bytes.readUIntBE(at, size));
    else {
      const value = this.#input.bytes.readIntBE(at, size);
      row.setInteger(i, value < 0 ? 0xffffffff : 0, value);
    }
  }

  #stringSize(byte: number): number | undefined {
    if (byte >> 5 === 0x5) return byte & 0x1f;
    if (byte === 0xd9) return this.#unsigned(1);
    if (byte === 0xda) return this.#unsigned(2);
    return byte === 0xdb ? this.#unsigned(4) : undefined;
  }

  #unsigned(size: 1 | 2 | 4): number {
    return this.#input.bytes.readUIntBE(this.#take(size), size);
  }

  #byte(): number {
    const at = this.#take(1);
    return this.#input.bytes[at] as number; // `take` has checked that it is there.
  }

  #take(size: number): number {
    return this.#input.take(size);
  }

  #unexpected(byte: number, expected: string): InfluxHttpError {
    return notMessagePack(`it has the byte 0x${byte.toString(16)} in place of ${expected}`);
  }
}

/** How many bytes follow the first one of a value of fixed length. Small integers are not listed: nothing follows. */
const scalarBytes: ReadonlyMap<number, number> = new Map([
  ...[0xc0, 0xc2, 0xc3].map((byte) => [byte, 0] as const),
  ...[0xcc, 0xd0].map((byte) => [byte, 1] as const),
  ...[0xcd, 0xd1].map((byte) => [byte, 2] as const),
  ...[0xca, 0xce, 0xd2].map((byte) => [byte, 4] as const),
  ...[0xcb, 0xcf, 0xd3].map((byte) => [byte, 8] as const),
]);
