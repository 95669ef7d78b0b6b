import { ByteReader } from '../../bytes';
import { ColumnBuffer, type FieldType } from '../../column';
import { damaged } from '../../errors';
import type { TimeRange } from '../../files/deletes/time-ranges';
import { tombstoneKey } from '../../files/deletes/tombstones';
import { keyText, splitKey } from '../../files/key';
import { compareWords } from '../../words';
import { type Deletion, deletedPoints } from './deleted-points';

/** The types of values in a WAL, by their numbers. They are not the numbers of blocks: there is no 0. */
const walTypes: readonly (FieldType | undefined)[] = [undefined, 'float', 'integer', 'boolean', 'string', 'unsigned'];

const WRITE = 1;
const DELETE = 2;
const DELETE_RANGE = 3;

/** Points of one key in an entry that writes, still in its bytes. */
export interface WalPoints {
  readonly key: Uint8Array;
  readonly type: FieldType;
  readonly bytes: Uint8Array;
  readonly at: number;
  readonly count: number;
}

/** An entry of a WAL. */
export type WalEntry =
  | { readonly kind: 'write'; readonly points: readonly WalPoints[] }
  | { readonly kind: 'delete'; readonly keys: readonly string[]; readonly range: TimeRange | undefined };

/**
 * Reads an entry, decompressed, as a whole, so that reading its points later does not fail. Format: docs/storage-engine.md, "WAL".
 *
 * @throws TsmError `DAMAGED`
 */
export function parseWalEntry(type: number, entry: Uint8Array): WalEntry {
  if (type === WRITE) return { kind: 'write', points: parseWrite(entry) };
  if (type === DELETE) return { kind: 'delete', keys: tombstoneKey(entry).split('\n'), range: undefined };
  if (type === DELETE_RANGE) return parseDeleteRange(entry);
  throw damaged(`An entry of the WAL has the type ${type}, which does not exist`);
}

/** A write: for each key the type, u16 length of the key, the key, u32 number of points, and the points. */
function parseWrite(entry: Uint8Array): readonly WalPoints[] {
  const points: WalPoints[] = [];
  const reader = new ByteReader(entry);
  while (reader.left > 0) {
    const type = walTypes[reader.u8()];
    if (type === undefined) throw damaged('An entry of the WAL has values of a type that does not exist');
    const key = reader.take(reader.u16());
    splitKey(key);
    const count = reader.u32();
    points.push({ key, type, bytes: entry, at: reader.position, count });
    skipPoints(reader, type, count);
  }
  return points;
}

/** A delete of a range: the first and the last time, then u32 length and key, for each key. */
function parseDeleteRange(entry: Uint8Array): WalEntry {
  const reader = new ByteReader(entry);
  const range = { first: reader.i64(), last: reader.i64() };
  const keys: string[] = [];
  while (reader.left > 0) keys.push(tombstoneKey(reader.take(reader.u32())));
  return { kind: 'delete', keys, range };
}

/** What the WAL of a shard holds, by key. It is in memory as a whole, as it is in influxd. Format: docs/storage-engine.md, "WAL". */
export class WalContent {
  readonly #parts = new Map<string, (WalPoints | TimeRange)[]>();
  #keys: readonly Uint8Array[] | undefined;

  /** The keys with points, in the order of their bytes. */
  get keys(): readonly Uint8Array[] {
    this.#keys ??= [...this.#parts.keys()].map((key) => Buffer.from(key, 'latin1')).sort(Buffer.compare);
    return this.#keys;
  }

  /** Takes the next entry. */
  add(entry: WalEntry): void {
    this.#keys = undefined;
    if (entry.kind === 'write') {
      for (const points of entry.points) {
        const name = tombstoneKey(points.key);
        const parts = this.#parts.get(name);
        if (parts === undefined) this.#parts.set(name, [points]);
        else parts.push(points);
      }
      return;
    }
    for (const key of entry.keys) {
      if (entry.range === undefined) this.#parts.delete(key);
      else this.#parts.get(key)?.push(entry.range);
    }
  }

  /** Returns the points of a key in order of time: of several with one time, the last. The column is new. */
  column(key: Uint8Array): ColumnBuffer {
    const parts = this.#parts.get(tombstoneKey(key)) ?? [];
    const first = parts.find((part) => 'bytes' in part);
    const column = new ColumnBuffer(first !== undefined && 'type' in first ? first.type : 'float');
    const deletions: Deletion[] = [];
    for (const part of parts) {
      if ('bytes' in part) {
        if (part.type !== column.type) throw damaged(`The WAL has ${keyText(key)} with two types`);
        readPoints(part.bytes, part.at, part.count, column);
      } else deletions.push({ ...part, points: column.length });
    }
    const numbers = sort(column);
    column.removeAll(deletedPoints(column, numbers, deletions));
    return column;
  }
}

/** A point is its time and its value in 64 bits; a boolean has one byte, a string its length as u32 and its bytes. */
function skipPoints(reader: ByteReader, type: FieldType, count: number): void {
  if (type !== 'string' && type !== 'boolean') {
    reader.take(count * 16);
    return;
  }
  for (let i = 0; i < count; i += 1) {
    reader.take(8);
    if (type === 'string') reader.take(reader.u32());
    else if (reader.u8() > 1) throw damaged('The WAL has a boolean that is neither true nor false');
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

/**
 * Puts points in order of time, and keeps the last of those with one time. Points that are in order already stay as they are.
 *
 * @returns the number that each of them had; `undefined` if all stayed
 */
function sort(column: ColumnBuffer): Uint32Array | undefined {
  const { timeWords, length } = column;
  let i = 1;
  while (i < length && compareWords(timeWords, i - 1, timeWords, i) < 0) i += 1;
  if (i >= length) return undefined;
  const all = Uint32Array.from({ length }, (_, index) => index).sort(
    (a, b) => compareWords(timeWords, a, timeWords, b) || a - b,
  );
  const last = all.filter((index, at) => {
    const next = all[at + 1];
    return next === undefined || compareWords(timeWords, index, timeWords, next) !== 0;
  });
  const sorted = new ColumnBuffer(column.type, last.length);
  for (const index of last) sorted.append(column, index, index + 1);
  column.reset(column.type, sorted.length);
  column.append(sorted, 0, sorted.length);
  return last;
}
