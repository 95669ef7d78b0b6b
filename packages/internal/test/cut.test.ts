import { expect, it } from 'vitest';
import { cut } from '../src/cut';

it('a text is cut visibly, says how long it was, and has no half of a character', () => {
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abcd', 3)).toBe('abc… (4 characters)');
  expect(cut('x'.repeat(65_536), 2)).toBe('xx… (65,536 characters)');
  expect(cut('ab😀d', 3)).toBe('ab… (5 characters)');
});
