import { HttpError, InfluxDB, Point } from '@influxdata/influxdb-client';
import { InfluxDBClient, Point as Point3 } from '@influxdata/influxdb3-client';
import { describe, expect, it, vi } from 'vitest';
import { isBackedUp, teeStats, teeTransport } from '../../src/index';
import { afterTest, openTestSink } from './backup';
import { answerWith, startFakeInflux } from './fake-influx';

const instance = 'influxdb-0';
const noRetries = { maxRetries: 0, flushInterval: 0 };

async function setUp(answer?: Parameters<typeof startFakeInflux>[0], sinkOptions = {}) {
  const fake = await startFakeInflux(answer);
  afterTest(() => fake.stop());
  return { fake, ...(await openTestSink(sinkOptions)) };
}

type Test = Awaited<ReturnType<typeof setUp>>;

function v2Client({ fake, sink }: Pick<Test, 'fake' | 'sink'>, options = {}) {
  const { transport: inner } = new InfluxDB({ url: fake.url, token: 'me:secret' });
  const transport = teeTransport(inner, sink, { instance, ...options });
  return { transport, client: new InfluxDB({ url: fake.url, transport }) };
}

describe('influxdb-client with a teed transport', () => {
  it('writes to both, batch by batch', async () => {
    const test = await setUp();
    const write = v2Client(test).client.getWriteApi('org', 'db_0/rp_5d', 'ms', noRetries);
    write.writePoint(new Point('my cpu').tag('host', 'a b').intField('v', 1).timestamp(1_700_000_000_123));
    write.writePoint(new Point('my cpu').tag('host', 'a b').intField('v', 2).timestamp(1_700_000_000_124));
    await write.close();
    expect(test.fake.writes()).toMatchObject([
      {
        path: '/api/v2/write',
        query: { org: 'org', bucket: 'db_0/rp_5d', precision: 'ms' },
        headers: { authorization: 'Token me:secret' },
        body: 'my\\ cpu,host=a\\ b v=1i 1700000000123\nmy\\ cpu,host=a\\ b v=2i 1700000000124',
      },
    ]);
    expect(await test.lines()).toEqual([
      'db_0/rp_5d my\\ cpu,host=a\\ b v=1i 1700000000123000000',
      'db_0/rp_5d my\\ cpu,host=a\\ b v=2i 1700000000124000000',
    ]);
  });

  it('still compresses above its threshold', async () => {
    const test = await setUp();
    const write = v2Client(test).client.getWriteApi('org', 'db_0', 'ns', { ...noRetries, gzipThreshold: 10 });
    write.writeRecord('m v="a long enough line" 5');
    await write.close();
    expect(test.fake.writes()).toMatchObject([
      { headers: { 'content-encoding': 'gzip' }, body: 'm v="a long enough line" 5' },
    ]);
  });

  it('sends what is backed up, where that is not what the client wrote', async () => {
    const test = await setUp(undefined, { onPrecisionLoss: 'truncate', precision: 'ms' });
    const write = v2Client(test).client.getWriteApi('org', 'db_0', 'ns', noRetries);
    for (const lines of ['m v=1 1999999', '# comment\nm v=2 2000000', 'm v=3 3000000']) {
      write.writeRecord(lines);
      await write.flush();
    }
    await write.close();
    const sent = test.fake.writes().map(({ query, body }) => [query.precision, body]);
    expect(sent).toEqual([1, 2, 3].map((n) => ['ms', `m v=${n} ${n}`]));
  });

  it('sends a record without a timestamp with the one that is backed up', async () => {
    const test = await setUp();
    const write = v2Client(test).client.getWriteApi('org', 'db_0', 'ns', noRetries);
    write.writeRecord('m v=1');
    await write.close();
    const sent = test.fake.writes()[0]?.body;
    expect(sent).toMatch(/^m v=1 \d{19}$/);
    expect(await test.lines()).toEqual([`db_0/~default ${sent}`]);
  });

  it('sends a byte order mark as it is backed up: for InfluxDB it begins the name of a measurement', async () => {
    const test = await setUp();
    const write = v2Client(test).client.getWriteApi('org', 'db_0', 'ns', noRetries);
    write.writeRecord('\ufeffm v=1 5');
    await write.close();
    expect(test.fake.writes()).toMatchObject([{ body: '\ufeffm v=1 5' }]);
    expect(await test.lines()).toEqual(['db_0/~default \ufeffm v=1 5']);
  });

  it.each(['m', 'h'] as const)('writes in seconds if the backup has %s, which its API lacks', async (precision) => {
    const test = await setUp(undefined, { precision });
    const write = v2Client(test).client.getWriteApi('org', 'db_0', 's', noRetries);
    write.writeRecord('m v=1 7200');
    await write.close();
    expect(test.fake.writes()).toMatchObject([{ query: { precision: 's' }, body: 'm v=1 7200' }]);
    expect(await test.lines()).toEqual([`db_0/~default m v=1 ${precision === 'h' ? 2 : 120}`]);
  });

  it("gets InfluxDB's error, with the receipt on it", async () => {
    const test = await setUp(answerWith(404, { code: 'not found', message: 'no such database' }));
    const failed = vi.fn();
    const options = { ...noRetries, writeFailed: (error: Error) => void failed(error) };
    const write = v2Client(test).client.getWriteApi('org', 'db_0', 'ns', options);
    write.writeRecord('m v=1 5');
    await expect(write.close()).rejects.toThrow('no such database');
    const [error] = failed.mock.lastCall ?? [];
    expect(error).toBeInstanceOf(HttpError);
    expect(isBackedUp(error)).toBe(true);
    expect(await test.lines()).toHaveLength(1);
  });

  it('gets an error that says that a server older than 1.8 has no /api/v2/write, and what to use instead', async () => {
    const test = await setUp((_, response) => void response.writeHead(404).end('404 page not found\n'));
    const write = v2Client(test).client.getWriteApi('org', 'db_0', 'ns', noRetries);
    write.writeRecord('m v=1 5');
    const error = await write.close().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({
      statusCode: 404,
      message: expect.stringMatching(/older than 1\.8.*createWriteHandler/),
    });
    expect(isBackedUp(error)).toBe(true);
  });

  it("gets the sink's error, and nothing is sent to InfluxDB", async () => {
    const test = await setUp();
    await test.sink.close();
    const write = v2Client(test).client.getWriteApi('org', 'db_0', 'ns', noRetries);
    write.writeRecord('m v=1 5');
    await expect(write.close()).rejects.toMatchObject({ code: 'CLOSED' });
    expect(test.fake.seen).toEqual([]);
  });

  it('gets an error for a record that cannot be backed up, and neither side gets any of the batch', async () => {
    const test = await setUp();
    const write = v2Client(test).client.getWriteApi('org', 'db_0', 'ns', noRetries);
    write.writeRecords(['m v=1 5', 'not a line']);
    await expect(write.close()).rejects.toMatchObject({ code: 'INVALID_DATA' });
    expect(test.fake.seen).toEqual([]);
    expect(await test.lines()).toEqual([]);
  });

  it("succeeds while InfluxDB is down if onInfluxError is 'resolve'", async () => {
    const test = await setUp(answerWith(503, { message: 'down' }));
    const { client, transport } = v2Client(test, { onInfluxError: 'resolve' });
    const succeeded = vi.fn();
    const write = client.getWriteApi('org', 'db_0', 'ns', { ...noRetries, writeSuccess: succeeded });
    write.writeRecord('m v=1 5');
    await write.close();
    expect(succeeded).toHaveBeenCalledWith(['m v=1 5']);
    expect(teeStats(transport)).toMatchObject({ influxErrors: 1 });
    expect(await test.lines()).toHaveLength(1);
  });

  it('still queries, with the private state of its transport', async () => {
    const test = await setUp((_, response) => void response.writeHead(200).end('a,b\n1,2\n'));
    const { client } = v2Client(test);
    const rows: string[] = [];
    for await (const line of client.getQueryApi('org').iterateLines('from(bucket: "b")')) rows.push(line);
    expect(rows).toContain('1,2');
    expect(test.fake.seen).toMatchObject([{ path: '/api/v2/query' }]);
  });

  it('backs up a write by `request` too', async () => {
    const test = await setUp();
    const { transport } = v2Client(test);
    await transport.request('/api/v2/write?bucket=db_0', 'm v=1 5', { method: 'POST' });
    expect(test.fake.writes()).toMatchObject([{ body: 'm v=1 5' }]);
    expect(await test.lines()).toEqual(['db_0/~default m v=1 5']);
  });
});

describe('influxdb3-client with a teed transport', () => {
  async function v3Client({ fake, sink }: Test, options = {}) {
    // Its own transport is not public; the one of the v2 client speaks to the same API.
    const { transport: inner } = new InfluxDB({ url: fake.url, token: 'secret' });
    const transport = teeTransport(inner, sink, { instance, ...options });
    const client = new InfluxDBClient({ host: fake.url, token: 'secret', database: 'db_0/rp_5d', transport });
    afterTest(() => client.close());
    return client;
  }

  it('writes to both', async () => {
    const test = await setUp();
    const client = await v3Client(test);
    await client.write(Point3.measurement('cpu').setTag('host', 'a').setIntegerField('v', 1).setTimestamp(new Date(5)));
    expect(test.fake.writes()).toMatchObject([
      { path: '/api/v2/write', query: { bucket: 'db_0/rp_5d', precision: 'ns' }, body: 'cpu,host=a v=1i 5000000' },
    ]);
    expect(await test.lines()).toEqual(['db_0/rp_5d cpu,host=a v=1i 5000000']);
  });

  it("rejects with the sink's error, and nothing is sent to InfluxDB", async () => {
    const test = await setUp();
    const client = await v3Client(test);
    await test.sink.close();
    await expect(client.write('m v=1 5')).rejects.toMatchObject({ code: 'CLOSED' });
    expect(test.fake.seen).toEqual([]);
  });

  it('also writes through the API of version 3', async () => {
    const test = await setUp();
    const client = await v3Client(test);
    await client.write('m v=1 5', 'db_1', undefined, { noSync: true, precision: 's' });
    expect(test.fake.seen).toMatchObject([
      {
        path: '/api/v3/write_lp',
        query: { db: 'db_1', precision: 'second', no_sync: 'true' },
        body: 'm v=1 5',
      },
    ]);
    expect(await test.lines()).toEqual(['db_1/~default m v=1 5000000000']);
  });
});

describe('teeTransport refuses wrong arguments and names the fix:', () => {
  it('something other than a transport', async () => {
    const { sink } = await setUp();
    expect(() => teeTransport({} as never, sink, { instance })).toThrow(/new InfluxDB\(\{ url, token \}\).transport/);
  });

  it('a write that does not name its bucket', async () => {
    const test = await setUp();
    const { transport } = v2Client(test);
    const error = vi.fn();
    transport.send('/api/v2/write?org=o', 'm v=1 5', { method: 'POST' }, { error });
    expect(error).toHaveBeenCalledWith(expect.objectContaining({ code: 'INVALID_DATA' }));
    expect(test.fake.seen).toEqual([]);
  });
});
