import { describe, expect, it } from 'vitest';
import { encoded, joined } from '../../src/scheduling/turns';

/** Runs all steps; returns how many there were, and what they made. */
function run<T>(steps: Generator<void, T, undefined>): { readonly count: number; readonly made: T } {
  let count = 0;
  for (let step = steps.next(); ; step = steps.next()) {
    if (step.done) return { count, made: step.value };
    count += 1;
  }
}

describe('A long text that is encoded in steps', () => {
  it.each([
    ['ASCII', 'abc'],
    ['letters of two bytes', 'é'],
    ['characters of two units', '😀'],
    ['characters of two units, shifted by one', '😀', 'a'],
    ['halves of characters', '\ud83d'],
    ['other halves of characters', '\ude00', 'a'],
  ])('becomes what it becomes at once: %s', (_, unit, before = '') => {
    const text = before + unit.repeat(1_000_000 / unit.length);
    const { count, made } = run(encoded(text));
    expect(Buffer.compare(made, Buffer.from(text))).toBe(0);
    expect(count).toBeGreaterThan(3);
  });
});

it('Pieces that are joined in steps become what they become at once', () => {
  const pieces = [Buffer.alloc(3_000_000, 'a'), Buffer.alloc(0), Buffer.alloc(1_500_000, 'b')];
  const { count, made } = run(joined(pieces));
  expect(Buffer.compare(made, Buffer.concat(pieces))).toBe(0);
  expect(count).toBeGreaterThan(4);
});
