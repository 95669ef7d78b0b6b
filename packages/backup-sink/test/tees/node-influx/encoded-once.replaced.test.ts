import { nanosecondsPer, parseLines } from '@ceres/lineproto';
import fc from 'fast-check';
import { FieldType, InfluxDB, type IPoint } from 'influx';
import { describe, expect, it, vi } from 'vitest';
import { teeInflux } from '../../../src/index';
import { byteClient } from '../../../src/tees/node-influx/client';
import { readPlainPoints } from '../../../src/tees/node-influx/plain-points';
import { afterTest, openTestSink } from '../backup';
import { startFakeInflux } from '../fake-influx';

const instance = 'influxdb-0';
const typed = {
  measurement: 'typed',
  tags: ['host'],
  fields: { i: FieldType.INTEGER, f: FieldType.FLOAT, s: FieldType.STRING, b: FieldType.BOOLEAN },
};

async function setUp(sinkOptions = {}) {
  const fake = await startFakeInflux();
  afterTest(() => fake.stop());
  const client = new InfluxDB({ host: '127.0.0.1', port: fake.port, database: 'db_0', schema: [typed] });
  return { fake, client, ...(await openTestSink(sinkOptions)) };
}

const name = fc.stringMatching(/^[a-zA-Z_"'\\µ,= .-]{0,8}[a-zA-Z]$/);
const value = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 1e21, -1e-7, 2 ** 53, 5e-324),
  fc.boolean(),
  fc.string(),
  fc.constantFrom<unknown>(null, undefined, 5n, [1], {}),
);
const point = fc.record(
  {
    measurement: fc.oneof(fc.stringMatching(/^[a-z"'=.µ]{1,8}$/), fc.constantFrom('a b', 'a,b', '#a', 'a\\')),
    tags: fc.dictionary(name, fc.oneof(name, fc.integer(), fc.boolean()), { maxKeys: 3 }),
    fields: fc.dictionary(name, value, { minKeys: 1, maxKeys: 3 }),
    timestamp: fc.oneof(
      fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }),
      fc.bigInt(-(2n ** 62n), 2n ** 62n).map(String),
      fc.integer({ min: 1 }),
      fc.constantFrom<unknown>(1.7e18, 1.5, '', 'x', 0, -5, 5n, new Date(Number.NaN)),
    ),
  },
  { requiredKeys: ['measurement', 'fields', 'timestamp'] },
) as fc.Arbitrary<unknown> as fc.Arbitrary<IPoint>;

/** What most services write. */
const ordinary = fc.record(
  {
    measurement: fc.stringMatching(/^[a-z_µ.]{1,8}$/),
    tags: fc.dictionary(fc.stringMatching(/^[a-zµ,= ._-]{0,4}[a-z]$/), fc.stringMatching(/^[a-zµ"',= .-]{0,4}[a-z]$/), {
      maxKeys: 4,
    }),
    fields: fc.dictionary(
      fc.stringMatching(/^[a-z"µ,= ._-]{0,4}[a-z]$/),
      fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), fc.boolean(), fc.string()),
      { minKeys: 1, maxKeys: 4 },
    ),
    timestamp: fc.oneof(
      fc.date({ min: new Date('1900-01-01'), max: new Date('2200-01-01'), noInvalidDate: true }),
      fc.bigInt(0n, 2_000_000n).map(String),
      fc.integer({ min: -2_000_000, max: 2_000_000 }),
    ),
  },
  { requiredKeys: ['measurement', 'fields', 'timestamp'] },
) as fc.Arbitrary<unknown> as fc.Arbitrary<IPoint>;

describe('a batch of plain points', () => {
  it('is what node-influx sends, or is left to the code that reads as node-influx does', async () => {
    const { client, fake, sink, lines } = await setUp({ precision: 'ns', onPrecisionLoss: 'truncate' });
    const tee = teeInflux(client, sink, { instance });
    let plainBatches = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(ordinary, { minLength: 1, maxLength: 3 }),
          fc.array(fc.oneof(point, ordinary), { minLength: 1, maxLength: 3 }),
        ),
        fc.constantFrom<keyof typeof units>('n', 'u', 'ms', 's', 'm', 'h'),
        async (points, precision) => {
          const teed = await tee.writePoints(points, { precision }).catch((error: Error) => error);
          if (teed instanceof Error) return; // node-influx would write something else than it was given
          plainBatches += isPlain(client, points) ? 1 : 0;
          await client.writePoints(points, { precision });
          const [ours, theirs] = fake.seen.slice(-2).map(({ body }) => body);
          expect(pointsOf(ours, 'n', points)).toEqual(pointsOf(theirs, precision, points));
        },
      ),
      { numRuns: 250 },
    );
    expect(plainBatches).toBeGreaterThan(60);
    expect((await lines()).length).toBeGreaterThan(0);
  });
});

const units = { n: 'ns', u: 'us', ms: 'ms', s: 's', m: 'm', h: 'h' } as const;

/** Returns what InfluxDB would store of a body, in ns; without the times of points that have none, which the tee adds. */
function pointsOf(body: string | undefined, word: keyof typeof units, given: readonly IPoint[]) {
  const precision = units[word];
  return [...parseLines(body ?? '', { precision })].map((point, index) => ({
    ...point,
    timestamp: given[index]?.timestamp === '' ? undefined : (point.timestamp ?? 0n) * nanosecondsPer[precision],
  }));
}

function isPlain(client: InfluxDB, points: readonly IPoint[]): boolean {
  const hasSchema = (measurement: string) => byteClient(client)?.hasSchema('db_0', measurement) ?? true;
  return readPlainPoints(points, { precision: 'ns', stamp: () => 1n, hasSchema }) !== undefined;
}

describe('teeInflux', () => {
  const plain = { measurement: 'cpu', tags: { host: 'a' }, fields: { v: 1 }, timestamp: '1700000000000000000' };

  it('sends the bytes that are backed up', async () => {
    const { client, fake, sink, lines } = await setUp();
    await teeInflux(client, sink, { instance }).writePoints([plain, { ...plain, measurement: 'mem' }]);
    expect(await lines()).toEqual(
      fake
        .writes()[0]
        ?.body.trimEnd()
        .split('\n')
        .map((line) => `db_0/~default ${line}`),
    );
  });

  it('sends points of a schema once encoded too, with the types of the schema', async () => {
    const { client, fake, sink, lines } = await setUp();
    const point = {
      measurement: 'typed',
      tags: { host: 'a' },
      fields: { i: 5.7, f: 1, s: 'x', b: true },
      timestamp: 1,
    };
    await teeInflux(client, sink, { instance }).writePoints([point, plain]);
    expect(fake.writes()[0]?.body).toBe('typed,host=a b=T,f=1,i=5i,s="x" 1\ncpu,host=a v=1 1700000000000000000\n');
    expect(await lines()).toHaveLength(2);
  });

  it('leaves the sending to a subclass with a writePoints of its own, which may change what is sent', async () => {
    const { fake, sink } = await setUp();
    class Tagging extends InfluxDB {
      override writePoints(points: IPoint[], options = {}): Promise<void> {
        return super.writePoints(
          points.map((p) => ({ ...p, tags: { ...p.tags, by: 'us' } })),
          options,
        );
      }
    }
    const client = new Tagging({ host: '127.0.0.1', port: fake.port, database: 'db_0' });
    await teeInflux(client, sink, { instance }).writePoints([plain]);
    expect(fake.writes()[0]?.body).toBe('cpu,host=a,by=us v=1 1700000000000000000');
  });

  it('leaves the reading to a client with a parsePoint of its own', async () => {
    const { fake, sink, lines } = await setUp();
    class Doubling extends InfluxDB {
      override parsePoint(...[point, options]: Parameters<InfluxDB['parsePoint']>) {
        return super.parsePoint({ ...point, fields: { v: 2 } }, options);
      }
    }
    const client = new Doubling({ host: '127.0.0.1', port: fake.port, database: 'db_0' });
    await teeInflux(client, sink, { instance }).writePoints([plain]);
    expect(fake.writes()[0]?.body).toBe('cpu,host=a v=2 1700000000000000000');
    expect(await lines()).toEqual(['db_0/~default cpu,host=a v=2 1700000000000000000']);
  });

  it('leaves a spy in its place, on the client or on the class', async () => {
    const { client, fake, sink } = await setUp();
    const spy = vi.spyOn(InfluxDB.prototype, 'writePoints').mockImplementation(async () => undefined);
    afterTest(async () => spy.mockRestore());
    await teeInflux(client, sink, { instance }).writePoints([plain]);
    expect(spy).toHaveBeenCalledOnce();
    expect(fake.seen).toEqual([]);
  });

  it('writes the points as they were when it was called, even if the caller changes them during the write', async () => {
    const { client, fake, sink, lines } = await setUp();
    const changing = structuredClone(plain);
    const write = teeInflux(client, sink, { instance }).writePoints([changing]);
    changing.fields.v = 2;
    changing.tags.host = 'b';
    await write;
    expect(fake.writes()[0]?.body.trimEnd()).toBe('cpu,host=a v=1 1700000000000000000');
    expect(await lines()).toEqual(['db_0/~default cpu,host=a v=1 1700000000000000000']);
  });

  it('uses the credentials of the client', async () => {
    const { fake, sink } = await setUp();
    const client = new InfluxDB({ host: '127.0.0.1', port: fake.port, database: 'db_0', username: 'u', password: 'p' });
    await teeInflux(client, sink, { instance }).writePoints([plain]);
    await client.writePoints([plain]);
    const [ours, theirs] = fake.seen;
    expect(ours?.headers.authorization).toBe(theirs?.headers.authorization);
    expect(ours?.headers.authorization).toMatch(/^Basic /);
  });
});
