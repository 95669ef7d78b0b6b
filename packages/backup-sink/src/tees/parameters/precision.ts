import { nanosecondsPer, type Precision } from '@ceres/lineproto';
import { isPrecision } from '../../options/precision-words';

const httpWords: Readonly<Record<Precision, string>> = { ns: 'n', us: 'u', ms: 'ms', s: 's', m: 'm', h: 'h' };

/** Words that people use and that InfluxDB 1.x would silently read as nanoseconds. */
const synonyms: ReadonlyMap<string, Precision> = new Map([
  ['', 'ns'],
  ['n', 'ns'],
  ['u', 'us'],
  ['µ', 'us'], // U+00B5, micro sign
  ['μ', 'us'], // U+03BC, Greek mu
  ['µs', 'us'],
  ['μs', 'us'],
]);

/** What `precision=` of `/write` may be. */
export const legalPrecisionWords = 'ns (or n), us (or u), ms, s, m, h';

/** The word that InfluxDB 1.x understands. */
export function httpWordOf(precision: Precision): string {
  return httpWords[precision];
}

/** What the writer of the word meant; undefined if it cannot be known. */
export function precisionOfWord(word: string): Precision | undefined {
  return isPrecision(word) ? word : synonyms.get(word);
}

/** A moment in `unit`, from its nanoseconds; cut off towards the past, as InfluxDB does. */
export function fromNanoseconds(ns: bigint, unit: Precision): bigint {
  return floorDivide(ns, nanosecondsPer[unit]);
}

export function isCoarser(precision: Precision, than: Precision): boolean {
  return nanosecondsPer[precision] > nanosecondsPer[than];
}

/** The same moment in the same unit, as far as `coarser` can say it. */
export function floorTo(timestamp: bigint, unit: Precision, coarser: Precision): bigint {
  const ratio = nanosecondsPer[coarser] / nanosecondsPer[unit];
  return floorDivide(timestamp, ratio) * ratio;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const rest = ((value % by) + by) % by;
  return (value - rest) / by;
}
