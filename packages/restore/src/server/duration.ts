import { parseDurationMs } from '@ceres/internal';

/**
 * Reads a duration of InfluxQL (`5d`, `120h0m0s`, `INF`). It comes from files, and must not reach a statement unchecked.
 *
 * @returns ms; `Infinity` for `INF` and for 0, which mean the same to InfluxDB; `undefined` for anything else
 */
export function durationMs(text: string): number | undefined {
  if (/^inf$/i.test(text)) return Infinity;
  // InfluxQL has neither fractions nor `us`, which Go and the command line have.
  const ms = /^(?:\d+(?:ns|ms|[uµsmhdw]))+$/.test(text) ? parseDurationMs(text) : undefined;
  return ms === 0 ? Infinity : ms;
}

/**
 * Reads a duration as InfluxDB lists it, in Go's words: `120h0m0s`, or `1h0m0.5s` with a fraction.
 *
 * @returns ms; `Infinity` for `0s`; `undefined` for what is no duration
 */
export function shownDurationMs(text: string): number | undefined {
  const ms = parseDurationMs(text);
  return ms === 0 ? Infinity : ms;
}
