import { expect, it } from 'vitest';
import { greatest, least } from '../src/index';

it('the least and the greatest of more numbers than the stack holds are found', () => {
  const numbers = Array.from({ length: 300_000 }, (_, i) => i);
  expect([least(numbers), greatest(numbers), greatest(numbers, 1e6)]).toEqual([0, 299_999, 1e6]);
  expect([least([]), greatest([]), greatest([], 0)]).toEqual([Infinity, -Infinity, 0]);
});
