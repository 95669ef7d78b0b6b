import { parseLines } from '@ceres/lineproto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ColumnValue, FieldType } from '../../src/column';
import { bytesSource } from '../../src/files/byte-source';
import { PointLines } from '../../src/lines/point-lines';
import { openShard } from '../../src/shards/open-shard';
import { columnOf, columns, MAX_TIME, MIN_TIME, type TestPoint } from '../columns';
import { type TestField, tsmBytes } from '../files/memory-file';

async function linesOf(fields: readonly TestField[]): Promise<string> {
  const source = bytesSource('x', await tsmBytes(fields));
  const shard = await openShard({ files: [{ name: '000000001-000000001.tsm', source }] });
  const lines = new PointLines();
  let text = '';
  for await (const batch of shard.points()) text += Buffer.from(lines.encode(batch)).toString('utf8');
  return text;
}

const one = (type: FieldType, ...points: TestPoint[]) => columnOf(type, points);

describe('points as lines', () => {
  it('have the fields of a series at one time in one line, each with its type', async () => {
    const fields: TestField[] = [
      ['m,t=a\\ b', 'f', one('float', [1n, 0.25], [2n, -0])],
      ['m,t=a\\ b', 'i', one('integer', [1n, -7n], [3n, 2n ** 63n - 1n])],
      ['m,t=a\\ b', 'n, =', one('boolean', [3n, true])],
      ['m,t=a\\ b', 's', one('string', [1n, Buffer.from('a "b" \\ c')])],
      ['m,t=a\\ b', 'u', one('unsigned', [2n, 2n ** 64n - 1n])],
    ];
    expect((await linesOf(fields)).split('\n')).toEqual([
      'm,t=a\\ b f=0.25,i=-7i,s="a \\"b\\" \\\\ c" 1',
      'm,t=a\\ b f=-0,u=18446744073709551615u 2',
      'm,t=a\\ b i=9223372036854775807i,n\\,\\ \\==t 3',
      '',
    ]);
  });

  it('are read back with names whose spelling InfluxDB would shorten: a quote behind a backslash, a tab or NUL at the beginning', async () => {
    const names = ['\0z', '\ta', 'q\\\\"', 'r"'];
    const text = await linesOf(
      names.map((name) => ['m', name, one('integer', [1n, 1n], [name === '\ta' ? 2n : 3n, 2n])]),
    );
    const points = [...parseLines(text, { precision: 'ns' })];
    expect(points.map(({ fields }) => fields)).toEqual([
      Object.fromEntries(names.map((name) => [name, 1n])),
      { '\ta': 2n },
      { '\0z': 2n, 'q\\\\"': 2n, 'r"': 2n },
    ]);
    expect(text.split('\n')[1]).toBe('m time=0,\ta=2i 2');
  });

  it('have every time as it is', async () => {
    const times = [
      MIN_TIME,
      -1n,
      0n,
      1n,
      999_999_999n,
      2n ** 32n - 1n,
      2n ** 32n,
      1_767_225_600_000_000_000n,
      MAX_TIME,
    ];
    const all = fc.sample(fc.bigInt({ min: MIN_TIME, max: MAX_TIME }), { numRuns: 2_000, seed: 7 });
    const sorted = [...new Set([...times, ...all])].sort((a, b) => (a < b ? -1 : 1));
    const text = await linesOf([
      [
        'm',
        'f',
        columnOf(
          'float',
          sorted.map((time) => [time, 1]),
        ),
      ],
    ]);
    expect(text).toBe(sorted.map((time) => `m f=1 ${time}\n`).join(''));
  });

  it('read back to the values that are stored', async () => {
    await fc.assert(
      fc.asyncProperty(columns(), async ({ type, points }) => {
        // A parser refuses what is no line of version 1: unsigned values, infinite ones, and text that is not UTF-8.
        const sane = points.filter(([, value]) => Number.isFinite(value) || typeof value !== 'number');
        fc.pre(sane.length > 0 && type !== 'unsigned');
        const text = await linesOf([['m', 'f', columnOf(type, sane)]]);
        fc.pre(!text.includes('\ufffd'));
        const parsed = Array.from(parseLines(text, { precision: 'ns' }), ({ fields, timestamp }) => [
          timestamp,
          fields.f,
        ]);
        expect(parsed).toEqual(sane.map(([time, value]) => [time, shown(value)]));
      }),
      { numRuns: 100 },
    );
  });
});

function shown(value: ColumnValue): unknown {
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
}
