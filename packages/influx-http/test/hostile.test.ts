import { type Growing, growingTexts, superlinear } from '@ceres/testkit';
import { describe, expect, it } from 'vitest';
import { classifyWrite, classifyWriteHead } from '../src/answers/classify-write';
import { readTypeConflict } from '../src/answers/type-conflict';
import { InfluxHttpError } from '../src/errors';
import { parseJsonText } from '../src/query/json-text';
import { AnswerReader } from '../src/query/typed/answer-reader';

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

/** Beginnings of answers in MessagePack, and what repeats behind them: values, names, and series that never end. */
const typedHeads = {
  'an answer': '',
  'a result': '\x81\xa7results\xdd\xff\xff\xff\xff',
  'a series': '\x81\xa7results\x91\x81\xa6series\xdd\xff\xff\xff\xff',
  'the tags of a series': '\x81\xa7results\x91\x81\xa6series\x91\x82\xa4tags\xdf\x00\x0f\xff\xff',
  'the columns of a series': '\x81\xa7results\x91\x81\xa6series\x91\x82\xa7columns\xdd\x00\x0f\xff\xff',
  'rows of one value': '\x81\xa7results\x91\x81\xa6series\x91\x82\xa7columns\x91\xa1v\xa6values\xdd\xff\xff\xff\xff',
  'an error': '\x81\xa5error\xdb\x00\x0f\xff\xff',
  'something unknown': '\x81\xa1x\xdd\xff\xff\xff\xff',
};
const typedUnits = [
  '\0',
  '\x80',
  '\x90',
  '\xa0',
  '\xa1a',
  '\x91\x01',
  '\x91\xa1a',
  '\x91\xcf\0\0\0\0\0\0\0\x01',
  '\xdc\xff\xff',
  '\xdb\0\0\xff\xff',
  '\x81\xa6series\x90',
  '\x82\xa7columns\x91\xa1v\xa6values\x91\x91\x01',
];

/** Reads an answer that arrives in small pieces. */
async function readTyped(bytes: Buffer): Promise<void> {
  async function* pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; at < bytes.length; at += 1_000) yield bytes.subarray(at, at + 1_000);
  }
  try {
    await new AnswerReader(pieces(), { series: () => undefined, row: () => undefined }, 'SELECT').read();
  } catch (error) {
    if (!(error instanceof InfluxHttpError)) throw error;
  }
}

describe('The time for an answer that someone hostile wrote', { timeout: 120_000 }, () => {
  it.each(Object.entries(readers))('grows with its size and no faster: %s', async (_, read) => {
    expect(await superlinear(growingTexts(units, read))).toEqual([]);
  });

  it.each(Object.entries(typedHeads))('grows with its size and no faster in MessagePack: %s', async (_, head) => {
    const work = typedUnits.map((unit): Growing => {
      const prepare = (sizeBytes: number) => {
        const bytes = Buffer.from(head + unit.repeat(sizeBytes / unit.length), 'latin1');
        return () => readTyped(bytes);
      };
      return { name: JSON.stringify(unit), prepare };
    });
    expect(await superlinear(work)).toEqual([]);
  });

  it('is not spent on a number that no server writes', () => {
    expect(() => parseJsonText(`[${'1'.repeat(401)}]`)).toThrow(SyntaxError);
    expect(parseJsonText(`[${'1'.repeat(400)}]`)).toEqual(['1'.repeat(400)]);
  });
});
