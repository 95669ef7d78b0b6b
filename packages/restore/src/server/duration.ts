/** The units of InfluxQL, in ms. */
const unitsMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  u: 1e-3,
  µ: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Reads a duration of InfluxQL (`5d`, `120h0m0s`, `INF`). It comes from files, and must not reach a statement unchecked.
 *
 * @returns ms; `Infinity` for `INF` and for 0, which mean the same to InfluxDB; `undefined` for anything else
 */
export function durationMs(text: string): number | undefined {
  if (/^inf$/i.test(text)) return Infinity;
  if (!/^(?:\d+(?:ns|ms|[uµsmhdw]))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(/(\d+)(ns|ms|[uµsmhdw])/g)) {
    sum += Number(count) * (unitsMs[unit ?? ''] ?? 0);
  }
  return sum === 0 ? Infinity : sum;
}
