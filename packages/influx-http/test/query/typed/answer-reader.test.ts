import { describe, expect, it } from 'vitest';
import { InfluxHttpError } from '../../../src/errors';
import { AnswerReader, type RowVisitor } from '../../../src/query/typed/answer-reader';
import recorded from './recorded-answers.json';

type Row = readonly [name: string, tags: string, columns: string, values: readonly string[]];

/** Reads an answer that arrives in these pieces. */
async function read(pieces: readonly Buffer[]): Promise<Row[]> {
  const rows: Row[] = [];
  let head: [string, string, string] = ['', '', ''];
  const visitor: RowVisitor = {
    series: ({ name, tags, columns }) => {
      head = [name, tags.map(([key, value]) => `${key}=${value}`).join(), columns.join()];
    },
    row: (row) => {
      const values = [...row.types].map((_, i) => shown(row.value(i)));
      rows.push([...head, values]);
      return true;
    },
  };
  const body = (async function* () {
    yield* pieces;
  })();
  await new AnswerReader(body, visitor, 'SELECT').read();
  return rows;
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
}

const bytesOf = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const invalid = expect.objectContaining({ code: 'INVALID_ANSWER' });

/** Returns an answer with one row of these values, given as MessagePack. */
function answerOf(...values: string[]): Buffer {
  const columns = `9${values.length}${values.map(() => 'a176').join('')}`;
  const series = `81a673657269657391 83a46e616d65a16d a7636f6c756d6e73${columns} a676616c756573 91 9${values.length}${values.join('')}`;
  return bytesOf(`81a7726573756c747391${series}`);
}

describe('an answer of InfluxDB 1.6.7 in MessagePack', () => {
  it.each(recorded)('is read as it was recorded: $title', async ({ hex, rows }) => {
    expect(await read([bytesOf(hex)])).toEqual(rows);
  });

  it.each(recorded)('is read the same from single bytes: $title', async ({ hex, rows }) => {
    expect(await read([...bytesOf(hex)].map((byte) => Buffer.of(byte)))).toEqual(rows);
  });

  it.each(recorded)('that is cut anywhere is an error, never a shorter answer: $title', async ({ hex }) => {
    const bytes = bytesOf(hex);
    for (let end = 0; end < bytes.length; end += 1) {
      await expect(read([bytes.subarray(0, end)]), `cut at ${end}`).rejects.toEqual(invalid);
    }
  });
});

describe('a value in MessagePack', () => {
  it.each([
    ['7f', '127n'],
    ['e0', '-32n'],
    ['ff', '-1n'],
    ['ccff', '255n'],
    ['cdffff', '65535n'],
    ['ceffffffff', '4294967295n'],
    ['cf7fffffffffffffff', '9223372036854775807n'],
    ['d080', '-128n'],
    ['d18000', '-32768n'],
    ['d280000000', '-2147483648n'],
    ['d27fffffff', '2147483647n'],
    ['d38000000000000000', '-9223372036854775808n'],
    ['d30020000000000001', '9007199254740993n'],
    ['cb4340000000000000', '9007199254740992'],
    ['cb3ff0000000000000', '1'],
    ['ca3fc00000', '1.5'],
    ['c0', 'missing'],
    ['c2', 'false'],
    ['c3', 'true'],
    ['d90161', '"a"'],
    ['da00026161', '"aa"'],
    ['db00000001ff', '"ÿ"'],
    ['c70c05000000000000000100000002', '1000000002n'],
    ['c70c05ffffffffffffffff00000001', '-999999999n'],
  ])('%s is %s', async (hex, value) => {
    expect(await read([answerOf(hex)])).toEqual([['m', '', 'v', [value]]]);
  });

  it.each([
    ['an integer beyond int64', 'cf8000000000000000'],
    ['an extension that is not a time', 'c70c06000000000000000100000002'],
    ['a list', '90'],
    ['binary data', 'c401ff'],
    ['a byte that MessagePack never uses', 'c1'],
    ['a string of 4 GiB', 'dbffffffff'],
  ])('that is %s is refused', async (_, hex) => {
    await expect(read([answerOf(hex)])).rejects.toEqual(invalid);
  });
});

describe('an answer from what is not InfluxDB', () => {
  it.each([
    ['nothing', ''],
    ['JSON', Buffer.from('{"results":[]}').toString('hex')],
    ['a list of 4 billion names', `81a7726573756c74739181a67365726965739182a7636f6c756d6e73ddffffffffa676616c75657390`],
    ['a row of another length', `81a7726573756c74739181a67365726965739182a7636f6c756d6e7391a176a676616c7565739192c0c0`],
    ['values without columns', `81a7726573756c74739181a67365726965739181a676616c7565739191c0`],
    ['lists in lists', `81a178${'91'.repeat(100_000)}`],
    ['an endless list in the place of results', '81a7726573756c7473ddffffffff'],
  ])('is refused: %s', async (_, hex) => {
    await expect(read([bytesOf(hex)])).rejects.toEqual(invalid);
  });

  it('is held in bounded memory, in linear time, where a name never ends', async () => {
    const piece = Buffer.alloc(64 * 1024, 0xa0);
    let sent = 0;
    const body = (async function* () {
      yield bytesOf('81a7726573756c74739181a67365726965739182a7636f6c756d6e73dd000f4240');
      for (; sent < 1_000; sent += 1) yield piece;
    })();
    const visitor = { series: () => undefined, row: () => true };
    await expect(new AnswerReader(body, visitor, 'SELECT').read()).rejects.toBeInstanceOf(InfluxHttpError);
    expect(sent).toBeLessThan(100);
  });

  it.each([
    ['81a56572726f72a3626164', 'bad'],
    ['81a7726573756c74739181a56572726f72a3626164', 'bad'],
  ])('reports the error that InfluxDB sends in the middle: %s', async (hex, reason) => {
    await expect(read([answerOf('01').subarray(0), bytesOf(hex)])).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: expect.stringContaining(reason),
    });
  });
});
