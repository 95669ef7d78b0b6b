import { nanosecondsPer } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';

/** The words of `/write` that every InfluxDB 1.x reads alike. */
const words: ReadonlyMap<string, Precision> = new Map([
  ['', 'ns'],
  ['n', 'ns'],
  ['ns', 'ns'], // unknown before 1.8, and so nanoseconds all the same
  ['u', 'us'],
  ['ms', 'ms'],
  ['s', 's'],
  ['m', 'm'],
  ['h', 'h'],
]);

/**
 * Returns the precision that a word of `/write` means to every InfluxDB 1.x. Any other word, `us` among them, is nanoseconds before 1.8
 * and refused from 1.8 on: `undefined`.
 */
export function precisionOfWord(word: string): Precision | undefined {
  return words.get(word);
}

/** Says whether `precision` is coarser than `than`. */
export function isCoarser(precision: Precision, than: Precision): boolean {
  return nanosecondsPer[precision] > nanosecondsPer[than];
}

/** Returns the same time in the same unit, as far as the precision `coarser` can hold it. */
export function floorTo(timestamp: bigint, unit: Precision, coarser: Precision): bigint {
  const ratio = nanosecondsPer[coarser] / nanosecondsPer[unit];
  return floorDivide(timestamp, ratio) * ratio;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const rest = ((value % by) + by) % by;
  return (value - rest) / by;
}
