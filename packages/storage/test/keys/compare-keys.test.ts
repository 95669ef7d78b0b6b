import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareKeys } from '../../src/keys/compare-keys';

describe('compareKeys', () => {
  it('orders keys as their UTF-8 bytes are ordered', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'b', '-', '.', '/', '0', 'é', '\ud7ff', '\ue000', '\uffff', '😀'),
    });
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
  });
});
