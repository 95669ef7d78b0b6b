import { mixHigh, mixLow } from '@ceres/internal';
import type { Grid, Side } from '../digest/grid';
import { headWords } from './record-parts';
import type { RecordShape } from './record-shape';

/** Called for a value of which two records of one point have different ones. */
type OnConflict = (column: number) => void;

/**
 * Adds the last write of every value among records to a grid, and each point once. It goes from the last record back: the first one that it
 * meets of a point counts with all its fields, and earlier ones with those that no later one has.
 *
 * @param words records as `RecordParts` passes them on
 * @param shapes the shapes of records by their numbers
 */
export function addLastWrites(
  words: Uint32Array,
  shapes: readonly RecordShape[],
  grid: Grid,
  { side = 'backup', onConflict }: { readonly side?: Side; readonly onConflict?: OnConflict } = {},
): void {
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
    let known: Map<number, number> | undefined;
    if (later === -1) {
      table[slot] = at;
      grid.add(side, shape.pointColumn, minute, 0, 0);
    } else {
      known = seen.get(slot);
      const last = shapes[words[later + 2] as number] as RecordShape;
      if (known === undefined && last === shape && onConflict === undefined) continue;
      known ??= new Map([...last.columns].map((column, i) => [column, later + headWords + 2 * i]));
      seen.set(slot, known);
    }
    const { columns, fieldHighs, fieldLows } = shape;
    for (let i = 0; i < columns.length; i += 1) {
      const column = columns[i] as number;
      const value = at + headWords + 2 * i;
      if (known !== undefined) {
        const other = known.get(column);
        if (other !== undefined) {
          if (words[other] !== words[value] || words[other + 1] !== words[value + 1]) onConflict?.(column);
          continue;
        }
        known.set(column, value);
      }
      const fieldHi = fieldHighs[i] as number;
      const fieldLo = fieldLows[i] as number;
      const hi = mixHigh(keyHi, keyLo, fieldHi, fieldLo);
      const lo = mixLow(keyHi, keyLo, fieldHi, fieldLo);
      const valueHi = words[value] as number;
      const valueLo = words[value + 1] as number;
      grid.add(side, column, minute, mixHigh(hi, lo, valueHi, valueLo), mixLow(hi, lo, valueHi, valueLo));
    }
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
