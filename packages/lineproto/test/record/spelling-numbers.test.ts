import { SpellingNumbers } from '@ceres/lineproto/internal';
import { describe, expect, it } from 'vitest';

/** Returns numbers that count the keys asked for, and the keys that had to be numbered by their rules. */
function numbering(keys: readonly string[]) {
  const asked: string[] = [];
  const bytes = Buffer.from(keys.join('\n'));
  const numbers = new SpellingNumbers((start, end) => asked.push(bytes.toString('utf8', start, end)) - 1);
  numbers.bytes = bytes;
  const all = (): number[] => {
    let start = 0;
    return keys.map((key) => {
      const number = numbers.at(start, start + key.length);
      start += key.length + 1;
      return number;
    });
  };
  return { numbers, asked, all };
}

describe('SpellingNumbers', () => {
  it('asks once for each spelling, and returns the same number from then on', () => {
    const { asked, all } = numbering(['weather,city=Oslo', 'weather,city=Rome', 'weather,city=Oslo']);
    expect(all()).toEqual([0, 1, 0]);
    expect(all()).toEqual([0, 1, 0]);
    expect(asked).toEqual(['weather,city=Oslo', 'weather,city=Rome']);
  });

  it('tells spellings apart that differ in one byte, at any place', () => {
    const key = 'abcdefghijklmnopqrstuvwxyz';
    const keys = [...key].map((_, at) => `${key.slice(0, at)}_${key.slice(at + 1)}`);
    expect(numbering(keys).all()).toEqual(keys.map((_, at) => at));
  });

  it('asks for a key of fewer than four bytes each time', () => {
    const { asked, all } = numbering(['cpu', 'cpu']);
    expect(all()).toEqual([0, 1]);
    expect(asked).toEqual(['cpu', 'cpu']);
  });

  it('asks again after it was cleared', () => {
    const { numbers, asked, all } = numbering(['weather,city=Oslo']);
    all();
    numbers.clear();
    expect(all()).toEqual([1]);
    expect(asked).toHaveLength(2);
  });
});
