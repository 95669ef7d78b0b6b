import type { Precision } from '@ceres/lineproto';

/**
 * The words of InfluxDB's HTTP API for each precision. InfluxDB 1.6 silently takes any word that it does not know, `ns` and `us`
 * included, as nanoseconds.
 */
export const precisionParameter: Readonly<Record<Precision, string>> = {
  ns: 'n',
  us: 'u',
  ms: 'ms',
  s: 's',
  m: 'm',
  h: 'h',
};
