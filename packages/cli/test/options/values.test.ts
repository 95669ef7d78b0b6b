import { describe, expect, it } from 'vitest';
import {
  collectPolicyMapping,
  parseDuration,
  parseFileTime,
  parsePointTime,
  parseWholeNumber,
} from '../../src/options/values';
import { formatPointTime } from '../../src/output/format';

describe('parsePointTime', () => {
  it.each([
    ['2026-11-23', 1_795_392_000_000_000_000n],
    ['2026-11-23T08:15:00Z', 1_795_421_700_000_000_000n],
    ['2026-11-23 08:15:00Z', 1_795_421_700_000_000_000n],
    ['2026-11-23T10:15:00+02:00', 1_795_421_700_000_000_000n],
    ['2026-11-23T08:15:00.123456789Z', 1_795_421_700_123_456_789n],
    ['1969-12-31T23:59:59.5Z', -500_000_000n],
  ])('reads %s to the nanosecond', (text, ns) => {
    expect(parsePointTime(text)).toBe(ns);
  });

  it.each(['', 'yesterday', '2026-13-01', '2026-11-23T08:15:00', '2026-11-23T08:15:00.1234567890Z', '1795421700'])(
    'refuses %j, with an example of what it takes',
    (text) => {
      expect(() => parsePointTime(text)).toThrow(/such as 2026-11-23T08:15:00Z/);
    },
  );

  it('is undone by formatPointTime', () => {
    for (const ns of [0n, -1n, -500_000_000n, 1_795_421_700_123_456_789n]) {
      expect(parsePointTime(formatPointTime(ns))).toBe(ns);
    }
  });
});

describe('parseFileTime', () => {
  it('reads a time to the millisecond', () => {
    expect(parseFileTime('2026-11-23T08:15:00.250Z')).toBe(1_795_421_700_250);
  });
});

describe('parseDuration', () => {
  it.each([
    ['250ms', 250],
    ['90s', 90_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
  ])('reads %s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  it.each(['', '10', 'm', '-1s', '1 h'])('refuses %j', (text) => {
    expect(() => parseDuration(text)).toThrow(/such as 90s/);
  });
});

describe('collectPolicyMapping', () => {
  it('takes an empty name for the default policy of either side', () => {
    expect(collectPolicyMapping('=30d', collectPolicyMapping('5d=', collectPolicyMapping('a=b')))).toEqual({
      a: 'b',
      '5d': '',
      '': '30d',
    });
  });

  it.each(['', '=', 'a', 'a=a'])('refuses %j, and says what it takes', (text) => {
    expect(() => collectPolicyMapping(text)).toThrow('=90d for the default policy of the backup');
  });

  it('refuses two new names for one policy', () => {
    expect(() => collectPolicyMapping('=b', { '': 'a' })).toThrow("one new name for ''");
  });
});

describe('parseWholeNumber', () => {
  it('reads a number exactly', () => {
    expect(parseWholeNumber('9007199254740991')).toBe(9_007_199_254_740_991);
  });

  it.each(['', '-1', '1.5', '1e3', '0x10', 'many', '9007199254740993'])('refuses %j', (text) => {
    expect(() => parseWholeNumber(text)).toThrow('Expected a whole number');
  });
});
