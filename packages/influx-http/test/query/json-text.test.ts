import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonText } from '../../src/query/json-text';

/** What `parseJsonText` should give for a value: the same, each number its own text. */
function numbersAsText(value: unknown): unknown {
  if (typeof value === 'number') return JSON.stringify(value);
  if (Array.isArray(value)) return value.map(numbersAsText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, numbersAsText(inner)]));
}

describe('parseJsonText', () => {
  it('returns what JSON.parse does, with each number as its own text', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6, stringUnit: 'binary' }),
        fc.constantFrom(undefined, 1),
        (value, indent) => {
          const plain = JSON.parse(JSON.stringify(parseJsonText(JSON.stringify(value, null, indent))));
          expect(plain).toEqual(JSON.parse(JSON.stringify(numbersAsText(value))));
        },
      ),
    );
  });

  it('keeps every digit', () => {
    const text = '[9223372036854775807,-9223372036854775808,1.7976931348623157e+308,5e-324,0.1,-0]';
    expect(parseJsonText(text)).toEqual(text.slice(1, -1).split(','));
  });

  it.each(['"\\""', '"\\\\"', '"\\\\\\""', '"a\\u0001\\n\\ud83d\\ude00"', '"\\\\\\\\" '])(
    'reads the string %s',
    (text) => {
      expect(parseJsonText(text)).toBe(JSON.parse(text));
    },
  );

  it.each([
    '',
    '{',
    '[1,',
    '[1 2]',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    '"a',
    '"a\\"',
    'tru',
    'nul',
    '-',
    '1 2',
    '<html>',
    '{"__proto__":1}x',
  ])('refuses %s', (text) => {
    expect(() => parseJsonText(text)).toThrow(SyntaxError);
  });

  it('refuses what would exhaust the stack', () => {
    expect(() => parseJsonText('['.repeat(1_000_000))).toThrow(SyntaxError);
  });

  it('treats a key called __proto__ like any other', () => {
    expect(Object.keys(parseJsonText('{"__proto__":"x"}') as object)).toEqual(['__proto__']);
  });
});
