import { mixHigh, mixLow } from '@ceres/internal';
import { HIGH, LOW } from '@ceres/tsm';
import type { Grid, Side } from '../digest/grid';
import { headWords } from './record-parts';
import type { RecordShape } from './record-shape';
import { RowSums } from './row-sums';

/** Called for a value of which two records of one point have different ones. */
type OnConflict = (column: number) => void;

export interface LastWritesOptions {
  readonly side?: Side;
  readonly onConflict?: OnConflict;
  readonly rows?: RowSums;
}

/**
 * Adds the last write of every value among records to a grid, and each point once. It goes from the last record back: the first one that it
 * meets of a point counts with all its fields, and earlier ones with those that no later one has.
 *
 * @param words records as `RecordParts` passes them on
 * @param shapes the shapes of records by their numbers
 * @param rows collects sums over several calls, for the same grid and side: its `flush` brings them there. Default: one for this call
 */
export function addLastWrites(
  words: Uint32Array,
  shapes: readonly RecordShape[],
  grid: Grid,
  { side = 'backup', onConflict, rows }: LastWritesOptions = {},
): void {
  const sums = rows ?? new RowSums(grid, side);
  const starts = startsOf(words);
  const mask = 2 ** Math.ceil(Math.log2(Math.max(2, starts.length * 2))) - 1;
  const table = emptyTable(mask + 1);
  /** The columns that later records of a point have, and where its value is, for points that have several shapes. */
  const seen = new Map<number, Map<number, number>>();
  for (let record = starts.length - 1; record >= 0; record -= 1) {
    const at = starts[record] as number;
    const keyHi = words[at] as number;
    const keyLo = words[at + 1] as number;
    const shape = shapes[words[at + 2] as number] as RecordShape;
    const minute = (words[at + 3] as number) | 0;
    let slot = (keyHi ^ Math.imul(keyLo, 0x9e3779b1)) & mask;
    let later = -1;
    for (; table[slot] !== -1; slot = (slot + 1) & mask) {
      const other = table[slot] as number;
      if (words[other] !== keyHi || words[other + 1] !== keyLo) continue;
      later = other;
      break;
    }
    const { columns } = shape;
    if (later === -1) {
      table[slot] = at;
      sums.moveTo(shape, minute);
      addRecord(words, at + headWords, columns.length, sums);
      continue;
    }
    let known = seen.get(slot);
    const last = shapes[words[later + 2] as number] as RecordShape;
    if (known === undefined && last === shape && onConflict === undefined) continue;
    known ??= new Map([...last.columns].map((column, i) => [column, later + headWords + 2 * i]));
    seen.set(slot, known);
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i] as number;
      const value = at + headWords + 2 * i;
      const other = known.get(column);
      if (other !== undefined) {
        if (words[other] !== words[value] || words[other + 1] !== words[value + 1]) onConflict?.(column);
        continue;
      }
      known.set(column, value);
      const hi = words[value + HIGH] as number;
      const lo = words[value + LOW] as number;
      grid.add(side, column, minute, mixHigh(keyHi, keyLo, hi, lo), mixLow(keyHi, keyLo, hi, lo));
    }
  }
  if (rows === undefined) sums.flush();
}

/** Adds the values of a record to the sums of its shape. */
function addRecord(words: Uint32Array, values: number, fields: number, { sums, at }: RowSums): void {
  const keyHi = words[values - headWords] as number;
  const keyLo = words[values - headWords + 1] as number;
  for (let i = 0; i < 2 * fields; i += 2) {
    const hi = words[values + i + HIGH] as number;
    const lo = words[values + i + LOW] as number;
    sums[at + i] = (sums[at + i] as number) + mixHigh(keyHi, keyLo, hi, lo);
    sums[at + i + 1] = (sums[at + i + 1] as number) + mixLow(keyHi, keyLo, hi, lo);
  }
}

/** Memory that is used again: on a busy machine, new memory takes longer than to fill it. */
const memory = { table: new Int32Array(0), starts: new Uint32Array(1_024) };

function emptyTable(size: number): Int32Array {
  if (size > memory.table.length) memory.table = new Int32Array(size);
  return memory.table.subarray(0, size).fill(-1);
}

/** Returns where each record begins. */
function startsOf(words: Uint32Array): Uint32Array {
  let count = 0;
  for (let at = 0; at < words.length; at += headWords + 2 * (words[at + 4] as number)) {
    if (count === memory.starts.length) {
      const larger = new Uint32Array(2 * count);
      larger.set(memory.starts);
      memory.starts = larger;
    }
    memory.starts[count] = at;
    count += 1;
  }
  return memory.starts.subarray(0, count);
}
