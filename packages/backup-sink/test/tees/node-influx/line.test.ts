import fc from 'fast-check';
import { FieldType, InfluxDB, type IPoint, type IWriteOptions } from 'influx';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readBatch, readCall } from '../../../src/tees/node-influx/batch';
import { type FakeInflux, startFakeInflux } from '../fake-influx';

let fake: FakeInflux;
let client: InfluxDB;

beforeAll(async () => {
  fake = await startFakeInflux();
});
afterAll(() => fake.stop());
beforeEach(() => {
  client = new InfluxDB({
    host: '127.0.0.1',
    port: fake.port,
    database: 'db_0',
    schema: [
      {
        measurement: 'typed',
        tags: ['host'],
        fields: { i: FieldType.INTEGER, f: FieldType.FLOAT, s: FieldType.STRING, b: FieldType.BOOLEAN },
      },
    ],
  });
});

const stamp = () => 1_700_000_000_000_000_001n;

function read(from: InfluxDB, points: readonly IPoint[], options: IWriteOptions) {
  return readBatch(from, points, readCall(from, options, stamp));
}

async function sentByNodeInflux(points: IPoint[], options = {}): Promise<string | undefined> {
  await client.writePoints(points, options);
  return fake.seen.at(-1)?.body;
}

describe('the lines that are backed up for node-influx', () => {
  it('are byte for byte what it sends', async () => {
    const name = fc.stringMatching(/^[a-zA-Z_"'\\µ,= .-]{0,8}[a-zA-Z]$/);
    const field = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.string().filter((text) => !text.includes('\n')),
    );
    const point = fc.record({
      measurement: fc.stringMatching(/^[a-z"'=.]{1,8}$/),
      tags: fc.dictionary(name, fc.oneof(name, fc.integer(), fc.boolean()), { maxKeys: 3 }),
      fields: fc.dictionary(name, field, { minKeys: 1, maxKeys: 3 }),
      timestamp: fc.oneof(
        fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }),
        fc.bigInt(1n, 2n ** 62n).map(String),
        fc.integer({ min: 1 }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(point as fc.Arbitrary<IPoint>, { minLength: 1, maxLength: 3 }), async (points) => {
        const { lines } = read(client, points, {});
        expect(lines.lines).toBe(await sentByNodeInflux(points));
      }),
      { numRuns: 300 },
    );
  });

  it('follow the schemas of the client', async () => {
    const points = [
      { measurement: 'typed', tags: { host: 'a' }, fields: { i: 5.7, f: 1, s: 'x"y', b: true }, timestamp: 1 },
    ];
    const batch = read(client, points, {});
    expect(batch.lines.lines).toBe('typed,host=a b=T,f=1,i=5i,s="x\\"y" 1');
    expect(await sentByNodeInflux(points)).toBe(batch.lines.lines);
  });

  it('hold the digits of a string as an integer, if node-influx can', async () => {
    const points = ['9007199254740992', ' -9007199254740994 ', '+7'].map((i) => ({
      measurement: 'typed',
      fields: { i },
    }));
    const { lines } = read(client, points, {});
    const at = stamp();
    expect(String(lines.lines).split('\n')).toEqual(
      ['9007199254740992i', '-9007199254740994i', '7i'].map((value) => `typed i=${value} ${at}`),
    );
  });

  it.each([
    ['n', 'ns', '1700000000123000000'],
    ['u', 'us', '1700000000123000'],
    ['ms', 'ms', '1700000000123'],
    ['s', 's', '1700000000'],
    ['m', 'm', '28333333'],
    ['h', 'h', '472222'],
  ] as const)('have their times in the precision of the call: %s', async (precision, ceresPrecision, timestamp) => {
    const points = [{ measurement: 'm', fields: { v: 1 }, timestamp: new Date(1_700_000_000_123) }];
    const { lines } = read(client, points, { precision });
    expect(lines).toEqual({ lines: `m v=1 ${timestamp}`, precision: ceresPrecision });
    expect(await sentByNodeInflux(points, { precision })).toBe(lines.lines);
  });
});

describe('what node-influx would write wrongly is refused', () => {
  const good = { measurement: 'm', fields: { v: 1 } };
  it.each<[string, IPoint, RegExp]>([
    ['a newline in a tag value', { ...good, tags: { a: 'x 1\nforged v=666' } }, /Point 1 .*tag "a".*line break/],
    ['a newline in a tag name', { ...good, tags: { 'a\nb': 'x' } }, /Point 1 .*tag "a\\nb"/],
    ['a newline in a field name', { ...good, fields: { 'v\nw': 1 } }, /Point 1 .*field "v\\nw"/],
    ['a newline in the measurement', { ...good, measurement: 'm v=1\nforged' }, /Point 1 .*measurement/],
    ['a tag value that ends in a backslash', { ...good, tags: { a: 'x\\' } }, /Point 1 .*end in '\\'/],
    ['a tag name that ends in a backslash', { ...good, tags: { 'a\\': 'x' } }, /Point 1 .*end in '\\'/],
    ['a field name that ends in a backslash', { ...good, fields: { 'v\\': 1 } }, /Point 1 .*end in '\\'/],
    ['an empty tag value', { ...good, tags: { a: '' } }, /Point 1 .*leave the tag out/],
    ['a measurement with a bare space', { ...good, measurement: 'my cpu' }, /Point 1 .*"my\\\\ cpu"/],
    ['a measurement with a bare comma', { ...good, measurement: 'cpu,host=a' }, /Point 1 .*comma/],
    ['a measurement that makes the line a comment', { ...good, measurement: '#cpu' }, /Point 1 .*'#'/],
    ['no measurement', { fields: { v: 1 } }, /Point 1 needs a measurement/],
    ['NaN', { ...good, fields: { v: NaN } }, /Point 1 .*"v" = NaN.*leave the field out/],
    ['Infinity', { ...good, fields: { v: -Infinity } }, /Point 1 .*"v" = -Infinity/],
    ['null', { ...good, fields: { v: null } }, /Point 1 .*"v" = null/],
    ['undefined', { ...good, fields: { v: undefined } }, /Point 1 .*"v" = undefined/],
    ['an array that holds another point', { ...good, fields: { v: ['1\nforged v=666'] } }, /Point 1 .*"v"/],
    ['an object with its own words', { ...good, fields: { v: { toString: () => '1,w=2' } } }, /Point 1 .*"v"/],
    ['no fields', { measurement: 'm', fields: {} }, /Point 1 has no fields/],
    ['an integer that is too large for it', { measurement: 'typed', fields: { i: 1e21 } }, /Point 1 .*"i"/],
    [
      'digits that its float64 would change',
      { measurement: 'typed', fields: { i: '9007199254740993' } },
      /Point 1 .*"i" = '9007199254740993'.* as 9007199254740992i.*createTee, as a bigint/,
    ],
    ['a time that is not a whole number', { ...good, timestamp: 1.5 }, /Point 1 .*timestamp 1.5/],
    ['undefined instead of a point', undefined as never, /Point 1 is undefined, not a point/],
    ['a bigint as a time', { ...good, timestamp: 5n as never }, /Point 1 .*bigint.*a string of digits/],
    ['an invalid date', { ...good, timestamp: new Date(Number.NaN) }, /Point 1 .*timestamp NaN/],
  ])('%s', (_, point, message) => {
    expect(() => read(client, [good, point], {})).toThrow(
      expect.objectContaining({ code: 'INVALID_DATA', message: expect.stringMatching(message) }),
    );
  });

  it('a precision that InfluxDB would read as nanoseconds', () => {
    const options = { precision: 'us' as never };
    expect(() => read(client, [good], options)).toThrow(/one of n, u, ms, s, m, h, got 'us'/);
  });

  it("schema violations, with node-influx's own words", () => {
    const point = { measurement: 'typed', fields: { other: 1 } };
    expect(() => read(client, [point], {})).toThrow('Extraneous fields detected');
  });

  it("a client without a database, with node-influx's own words", () => {
    expect(() => read(new InfluxDB({ host: '127.0.0.1' }), [good], {})).toThrow('without a default database');
  });
});
