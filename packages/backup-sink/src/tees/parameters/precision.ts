import { isPrecision, nanosecondsPer } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';

/** Words that people use and that InfluxDB 1.6 would silently read as nanoseconds. */
const synonyms: ReadonlyMap<string, Precision> = new Map([
  ['', 'ns'],
  ['n', 'ns'],
  ['u', 'us'],
  ['µ', 'us'], // U+00B5, micro sign
  ['μ', 'us'], // U+03BC, Greek mu
  ['µs', 'us'],
  ['μs', 'us'],
]);

/** The words that `precision=` of `/write` takes, for messages. */
export const legalPrecisionWords = 'ns (or n), us (or u), ms, s, m, h';

/** Returns what the writer of the word meant; `undefined` if that cannot be known. */
export function precisionOfWord(word: string): Precision | undefined {
  return isPrecision(word) ? word : synonyms.get(word);
}

/** Returns a time in `unit`, from its nanoseconds; cut off towards the past, as InfluxDB does. */
export function fromNanoseconds(ns: bigint, unit: Precision): bigint {
  return floorDivide(ns, nanosecondsPer[unit]);
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
