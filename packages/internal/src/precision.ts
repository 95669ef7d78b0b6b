/** The unit of a timestamp, as in file headers. InfluxDB's HTTP API wants `n` for `ns` and `u` for `us`. */
export type Precision = 'ns' | 'us' | 'ms' | 's' | 'm' | 'h';

/** The length of one unit of each precision, in ns. */
export const nanosecondsPer: Readonly<Record<Precision, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** Every precision, the finest first. */
export const precisions = Object.keys(nanosecondsPer) as readonly Precision[];

/** Returns true for the name of a precision. */
export function isPrecision(word: unknown): word is Precision {
  return typeof word === 'string' && Object.hasOwn(nanosecondsPer, word);
}
