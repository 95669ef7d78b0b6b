import { expect, it } from 'vitest';
import { parseDurationMs } from '../../src/index';

it.each([
  ['90s', 90_000],
  ['1m30s', 90_000],
  ['1.5ms', 1.5],
  ['250µs', 0.25],
  ['120h0m0s', 432_000_000],
  ['5d', 432_000_000],
  ['1w', 604_800_000],
  ['10u', 0.01],
  ['0s', 0],
])('%s is read as Go, InfluxQL and the command line write it', (text, ms) => {
  expect(parseDurationMs(text)).toBeCloseTo(ms, 9);
});

it.each(['', '5', 's', '5 d', '-1s', '1s;', 'INF', '1e3s', ' 1s', '1s\n', `${'1'.repeat(200)}s`])(
  '%j is not a duration',
  (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  },
);
