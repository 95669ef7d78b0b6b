import { describe, expect, it } from 'vitest';
import { type ParsedPoint, parseLine, validateLines } from '../src/index';
import { errorOf } from './support/errors';
import { encode, escapingRows, lineOf, pointWith, recordRows } from './support/tables';

/** Returns the value as a line holds it: a lone surrogate becomes U+FFFD. */
const asUtf8 = <T>(value: T): T =>
  JSON.parse(Buffer.from(JSON.stringify(value).replace(/\\ud[89a-f]../gi, '\ufffd')).toString()) as T;

describe('escaping', () => {
  it.each(escapingRows.filter(({ refused }) => refused === undefined))(
    'writes the $where $text, and reads it back',
    (row) => {
      const { timestamp: _, ...point } = pointWith(row);
      expect(encode(row)).toBe(lineOf(row));
      expect(parseLine(lineOf(row), { precision: 'ns' })).toEqual({ tags: {}, ...asUtf8(point), timestamp: 1n });
    },
  );

  it.each(escapingRows.filter(({ refused }) => refused !== undefined))('refuses the $where $text', (row) => {
    expect(errorOf(() => encode(row)).code).toBe(row.refused);
  });
});

describe('records', () => {
  it.each(recordRows.filter(({ stored }) => stored !== undefined))(
    'reads $record as InfluxDB stores it',
    ({ record, stored }) => {
      expect([...validateLines(Buffer.from(record))]).toEqual([]);
      const { timestamp: _, ...point } = parseLine(record, { precision: 'ns' });
      expect(withTypes(point)).toEqual(stored);
    },
  );

  it.each(recordRows.filter(({ refused }) => refused !== undefined))('refuses $record', ({ record, refused }) => {
    expect(Array.from(validateLines(Buffer.from(record)), ({ error }) => error.code)).toEqual([refused]);
    expect(errorOf(() => parseLine(record, { precision: 'ns' })).code).toBe(refused);
  });
});

function withTypes({ fields, ...point }: Omit<ParsedPoint, 'timestamp'>): object {
  const typed = Object.entries(fields).map(([key, value]) => [key, typeof value === 'bigint' ? `${value}i` : value]);
  return { ...point, fields: Object.fromEntries(typed) };
}
