import { expect, it } from 'vitest';
import { countOf } from '../src/count-of';

it('one thing is named in the singular, and any other number in the plural, with the verb', () => {
  expect([0, 1, 2].map((n) => countOf(n, 'point'))).toEqual(['0 points', '1 point', '2 points']);
  expect([0, 1].map((n) => countOf(n, 'value has', 'values have'))).toEqual(['0 values have', '1 value has']);
});
