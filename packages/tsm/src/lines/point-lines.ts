import { ByteWriter, writeFloat, writeSafeInteger } from '@ceres/lineproto/internal';
import type { Column } from '../column';
import type { BatchField, PointBatch } from '../shards/contract';
import { HIGH, LOW } from '../words';

const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const LF = 0x0a;
const QUOTE = 0x22;
const SPACE = 0x20;
const TAB = 0x09;
const INTEGER_SUFFIX = 0x69;
const UNSIGNED_SUFFIX = 0x75;
const TRUE = 0x74;
const FALSE = 0x66;

/**
 * Writes points as line protocol with times in nanoseconds: a line for each, in the order of the batch. A string is written byte by byte as it
 * is stored, and so may hold a line feed.
 *
 * @example
 * ```ts
 * import { openPortableFolder, PointLines } from '@ceres/tsm';
 *
 * const lines = new PointLines();
 * const { shards } = await openPortableFolder('/backups/influx/20260101');
 * for (const stored of shards) {
 *   for await (const batch of (await stored.open()).points()) process.stdout.write(lines.encode(batch));
 * }
 * ```
 */
export class PointLines {
  readonly #writer = new ByteWriter(64 * 1024);
  /** The last names in each place, as they are and as they stand in a line: most series have the fields of the one before. */
  readonly #names: { readonly name: Uint8Array; readonly written: Uint8Array }[] = [];

  /** Returns the lines of a batch. They belong to this object, which uses their memory again for the next batch. */
  encode({ seriesKey, length, timeWords, times, fields: unordered }: PointBatch): Uint8Array {
    const writer = this.#writer;
    const fields = unordered.some(isNeverFirst) ? neverFirstLast(unordered) : unordered;
    const names = fields.map(({ name }, place) => this.#nameOf(name, place));
    let at = 0;
    for (let i = 0; i < length; i += 1) {
      at = bytes(writer, at, seriesKey);
      let separator = SPACE;
      for (let f = 0; f < fields.length; f += 1) {
        const { rows, column } = fields[f] as BatchField;
        const row = rows[i] as number;
        if (row < 0) continue;
        at = writer.byte(at, separator);
        if (separator === SPACE && isNeverFirst(fields[f] as BatchField)) at = bytes(writer, at, LEFT_OUT);
        separator = COMMA;
        at = value(writer, bytes(writer, at, names[f] as Uint8Array), column, row);
      }
      at = writer.byte(at, SPACE);
      at = time(writer, at, timeWords, times, i);
      at = writer.byte(at, LF);
    }
    return writer.bytes.subarray(0, at);
  }

  #nameOf(name: Uint8Array, place: number): Uint8Array {
    const known = this.#names[place];
    if (known !== undefined && isSame(known.name, name)) return known.written;
    const written: number[] = [];
    for (const byte of name) {
      // A quote would lose a backslash before it.
      const isEscaped = byte === QUOTE && written.at(-1) === BACKSLASH;
      if (isEscaped || byte === COMMA || byte === EQUALS || byte === SPACE) written.push(BACKSLASH);
      written.push(byte);
    }
    written.push(EQUALS);
    const bytes = Uint8Array.from(written);
    this.#names[place] = { name: name.slice(), written: bytes };
    return bytes;
  }
}

/** A field that InfluxDB leaves out, for a point whose only fields cannot come first. */
const LEFT_OUT = Buffer.from('time=0,');

/** InfluxDB drops a tab or NUL that comes first in the fields. */
function isNeverFirst({ name }: BatchField): boolean {
  return name[0] === TAB || name[0] === 0;
}

function neverFirstLast(fields: readonly BatchField[]): readonly BatchField[] {
  return [...fields.filter((field) => !isNeverFirst(field)), ...fields.filter(isNeverFirst)];
}

/** Compares byte by byte: names are short, and a call of `compare` costs more. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** Copies bytes one by one: names are short, and a call of `set` costs more. */
function bytes(writer: ByteWriter, start: number, from: Uint8Array): number {
  writer.reserve(start, from.length);
  const into = writer.bytes;
  const { length } = from;
  for (let i = 0; i < length; i += 1) into[start + i] = from[i] as number;
  return start + length;
}

function value(writer: ByteWriter, at: number, column: Column, row: number): number {
  switch (column.type) {
    case 'float':
      return writeFloat(writer, at, column.floats[row] as number);
    case 'integer':
      return writer.byte(integer(writer, at, column, row), INTEGER_SUFFIX);
    case 'unsigned':
      return writer.byte(writer.ascii(at, String(column.unsigneds[row])), UNSIGNED_SUFFIX);
    case 'boolean':
      return writer.byte(at, column.booleans[row] === 1 ? TRUE : FALSE);
    case 'string':
      return text(writer, at, column, row);
  }
}

function integer(writer: ByteWriter, at: number, { valueWords, integers }: Column, row: number): number {
  const high = (valueWords[2 * row + HIGH] as number) | 0;
  const low = valueWords[2 * row + LOW] as number;
  // What a double holds exactly needs no bigint.
  if (high >= -0x20_0000 && high < 0x20_0000) return writeSafeInteger(writer, at, high * 4_294_967_296 + low);
  return writer.ascii(at, String(integers[row]));
}

function text(writer: ByteWriter, start: number, { text, starts, ends }: Column, row: number): number {
  const [from, to] = [starts[row] as number, ends[row] as number];
  writer.reserve(start, 2 * (to - from) + 2);
  const into = writer.bytes;
  let at = writer.byte(start, QUOTE);
  for (let i = from; i < to; i += 1) {
    const byte = text[i] as number;
    if (byte === QUOTE || byte === BACKSLASH) at = writer.byte(at, BACKSLASH);
    into[at] = byte;
    at += 1;
  }
  return writer.byte(at, QUOTE);
}

/**
 * Writes nanoseconds as whole seconds and nine digits. 2^32 = 4 × 10^9 + 294,967,296, and 2^16 times that rest is 19,330 × 10^9 +
 * 976,710,656, so that every product stays exact.
 */
function time(writer: ByteWriter, at: number, timeWords: Uint32Array, times: BigInt64Array, i: number): number {
  const high = (timeWords[2 * i + HIGH] as number) | 0;
  if (high < 1) return writer.ascii(at, String(times[i]));
  const upper = high >>> 16;
  const rest = upper * 976_710_656 + (high & 0xffff) * 294_967_296 + (timeWords[2 * i + LOW] as number);
  const carry = Math.floor(rest / 1e9);
  const end = writeSafeInteger(writer, at, 4 * high + 19_330 * upper + carry);
  // Ten digits, of which the first gives way to the last of the seconds.
  const last = writer.bytes[end - 1] as number;
  writeSafeInteger(writer, end - 1, 1e9 + rest - carry * 1e9);
  writer.bytes[end - 1] = last;
  return end + 9;
}
