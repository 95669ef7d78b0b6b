import type { Precision } from '@ceres/lineproto';

/** InfluxDB's HTTP API takes any word it does not know, `ns` and `us` included, as nanoseconds, and says nothing. */
export const precisionParameter: Readonly<Record<Precision, string>> = {
  ns: 'n',
  us: 'u',
  ms: 'ms',
  s: 's',
  m: 'm',
  h: 'h',
};
