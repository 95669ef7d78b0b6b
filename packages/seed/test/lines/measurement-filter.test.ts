import { describe, expect, it } from 'vitest';
import { measurementFilter } from '../../src/lines/measurement-filter';

describe('the filter of measurements', () => {
  it.each([
    [['cpu'], 'cpu,host=a', true],
    [['cpu'], 'cpu', true],
    [['cpu'], 'cpu0,host=a', false],
    [['cpu0'], 'cpu,host=a', false],
    [['mem', 'a b,c'], 'a\\ b\\,c,t=x', true],
    [['a'], 'a\\ b', false],
    [undefined, 'anything', true],
  ])('%j selects %s: %s', (measurements, seriesKey, expected) => {
    expect(measurementFilter(measurements)(Buffer.from(seriesKey))).toBe(expected);
  });
});
