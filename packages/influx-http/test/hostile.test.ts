import { growingTexts, superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { classifyWrite, classifyWriteHead } from '../src/answers/classify-write';
import { readTypeConflict } from '../src/answers/type-conflict';
import { parseJsonText } from '../src/query/json-text';

/** Parts of InfluxDB's answers, in which it quotes what a client sent, and of what looks like one. */
const units = [
  '1',
  '\\',
  '"',
  '" ',
  '"}',
  '[',
  '"a",',
  ' dropped=1',
  'input field "',
  '" on measurement "',
  'input field "a" on measurement "b" is type integer, ',
  'field type conflict: input field "a" on measurement "b" is type integer, already exists as type float ',
  '\\x41',
];

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  'the error of a write': (text) => classifyWrite(400, `{"error":"${text}"}`),
  'the error of a write that is not JSON': (text) => classifyWrite(400, text),
  'the header of an error': (text) => classifyWriteHead(400, `partial write: ${text}`),
  'a type conflict': (text) => readTypeConflict(`field type conflict: input field "${text}`),
  'a type conflict that ends as 1.12 ends it': (text) =>
    readTypeConflict(
      `field type conflict: input field "${text}" on measurement "m" is type integer, already exists as type float dropped=1 for database: db`,
    ),
  'a row': (text) => parsed(`{"values":[[${text}]]}`),
  'a string': (text) => parsed(`{"values":[["${text}"]]}`),
};

function parsed(text: string): void {
  try {
    parseJsonText(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
}

describe('The time for an answer that someone hostile wrote', { timeout: 120_000 }, () => {
  it.each(Object.entries(readers))('grows with its size and no faster: %s', async (_, read) => {
    expect(await superlinear(growingTexts(units, read))).toEqual([]);
  });

  it('is not spent on a number that no server writes', () => {
    expect(() => parseJsonText(`[${'1'.repeat(401)}]`)).toThrow(SyntaxError);
    expect(parseJsonText(`[${'1'.repeat(400)}]`)).toEqual(['1'.repeat(400)]);
  });
});
