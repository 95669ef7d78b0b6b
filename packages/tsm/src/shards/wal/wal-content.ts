import { ByteReader } from '../../bytes';
import { ColumnBuffer, type FieldType } from '../../column';
import { damaged } from '../../errors';
import { keyText, splitKey } from '../../files/key';
import { dropTimes, type TimeRange } from '../../files/time-ranges';
import { tombstoneKey } from '../../files/tombstones';
import { compareWords } from '../../words';

/** The types of values in a WAL, by their numbers. They are not the numbers of blocks: there is no 0. */
const walTypes: readonly (FieldType | undefined)[] = [undefined, 'float', 'integer', 'boolean', 'string', 'unsigned'];

const WRITE = 1;
const DELETE = 2;
const DELETE_RANGE = 3;

/** Points of one key in one entry, still in its bytes; or a range of times that an entry deletes. */
type WalPart =
  | { readonly type: FieldType; readonly bytes: Uint8Array; readonly at: number; readonly count: number }
  | TimeRange;

/** What the WAL of a shard holds, by key. It is in memory as a whole, as it is in influxd. Format: docs/storage-engine.md, "WAL". */
export class WalContent {
  readonly #parts = new Map<string, WalPart[]>();
  #keys: readonly Uint8Array[] | undefined;

  /** The keys with points, in the order of their bytes. */
  get keys(): readonly Uint8Array[] {
    this.#keys ??= [...this.#parts.keys()].map((key) => Buffer.from(key, 'latin1')).sort(Buffer.compare);
    return this.#keys;
  }

  /**
   * Takes an entry, decompressed. The whole entry is checked, so that reading its points later does not fail.
   *
   * @throws TsmError `DAMAGED`
   */
  add(type: number, entry: Uint8Array): void {
    if (type === WRITE) this.#addWrite(entry);
    else if (type === DELETE) this.#addDelete(entry);
    else if (type === DELETE_RANGE) this.#addDeleteRange(entry);
    else throw damaged(`An entry of the WAL has the type ${type}, which does not exist`);
    this.#keys = undefined;
  }

  /** Returns the points of a key in order of time: of several with one time, the last. The column is new. */
  column(key: Uint8Array): ColumnBuffer {
    const parts = this.#parts.get(tombstoneKey(key)) ?? [];
    const first = parts.find((part) => 'bytes' in part);
    const column = new ColumnBuffer(first !== undefined && 'type' in first ? first.type : 'float');
    for (const part of parts) {
      if ('bytes' in part) {
        if (part.type !== column.type) throw damaged(`The WAL has ${keyText(key)} with two types`);
        readPoints(part.bytes, part.at, part.count, column);
      } else {
        sort(column);
        dropTimes(column, [part]);
      }
    }
    sort(column);
    return column;
  }

  /** A write: for each key the type, u16 length of the key, the key, u32 number of points, and the points. */
  #addWrite(entry: Uint8Array): void {
    const reader = new ByteReader(entry);
    while (reader.left > 0) {
      const type = walTypes[reader.u8()];
      if (type === undefined) throw damaged('An entry of the WAL has values of a type that does not exist');
      const key = reader.take(reader.u16());
      splitKey(key);
      const count = reader.u32();
      const at = reader.position;
      skipPoints(reader, type, count);
      const name = tombstoneKey(key);
      const parts = this.#parts.get(name);
      const part = { type, bytes: entry, at, count };
      if (parts === undefined) this.#parts.set(name, [part]);
      else parts.push(part);
    }
  }

  /** A delete: keys, with line feeds between them. */
  #addDelete(entry: Uint8Array): void {
    for (const key of tombstoneKey(entry).split('\n')) this.#parts.delete(key);
  }

  /** A delete of a range: the first and the last time, then u32 length and key, for each key. */
  #addDeleteRange(entry: Uint8Array): void {
    const reader = new ByteReader(entry);
    const range = { first: reader.i64(), last: reader.i64() };
    while (reader.left > 0) this.#parts.get(tombstoneKey(reader.take(reader.u32())))?.push(range);
  }
}

/** A point is its time and its value in 64 bits; a boolean has one byte, a string its length as u32 and its bytes. */
function skipPoints(reader: ByteReader, type: FieldType, count: number): void {
  if (type !== 'string') reader.take(count * (type === 'boolean' ? 9 : 16));
  else {
    for (let i = 0; i < count; i += 1) {
      reader.take(8);
      reader.take(reader.u32());
    }
  }
}

function readPoints(bytes: Uint8Array, at: number, count: number, column: ColumnBuffer): void {
  const reader = new ByteReader(bytes, at);
  const { length, type } = column;
  if (type === 'boolean' || type === 'string') {
    for (let i = 0; i < count; i += 1) {
      const time = reader.i64();
      column.push(time, type === 'boolean' ? reader.u8() === 1 : reader.take(reader.u32()));
    }
    return;
  }
  column.reserve(length + count);
  for (let i = length; i < length + count; i += 1) {
    reader.u64(column.timeWords, i);
    reader.u64(column.valueWords, i);
  }
  column.length = length + count;
}

/** Puts points in order of time, and keeps the last of those with one time. Points that are in order already stay as they are. */
function sort(column: ColumnBuffer): void {
  const { timeWords, length } = column;
  let i = 1;
  while (i < length && compareWords(timeWords, i - 1, timeWords, i) < 0) i += 1;
  if (i >= length) return;
  const order = Array.from({ length }, (_, index) => index).sort(
    (a, b) => compareWords(timeWords, a, timeWords, b) || a - b,
  );
  const sorted = new ColumnBuffer(column.type, length);
  for (const [at, index] of order.entries()) {
    const next = order[at + 1];
    if (next === undefined || compareWords(timeWords, index, timeWords, next) !== 0)
      sorted.append(column, index, index + 1);
  }
  column.reset(column.type, sorted.length);
  column.append(sorted, 0, sorted.length);
}
