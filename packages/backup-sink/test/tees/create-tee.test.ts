import { InfluxWriter } from '@ceres/influx-http';
import { describe, expect, it } from 'vitest';
import { createTee, type RawLines, teeStats } from '../../src/index';
import { afterTest, openTestSink } from './backup';
import { answerWith, startFakeInflux } from './fake-influx';

const instance = 'influxdb-0';
const to = { database: 'db_0', retentionPolicy: 'rp_5d' };
const point = {
  measurement: 'my cpu',
  tags: { host: 'a,b' },
  fields: { v: 1n },
  timestamp: 1_700_000_000_000_000_000n,
};

async function setUp(answer?: Parameters<typeof startFakeInflux>[0], sinkOptions = {}, teeOptions = {}) {
  const fake = await startFakeInflux(answer);
  afterTest(() => fake.stop());
  const influx = new InfluxWriter({ url: fake.url });
  afterTest(() => influx.close());
  const test = await openTestSink(sinkOptions);
  return { fake, influx, ...test, tee: createTee(influx, test.sink, { instance, ...teeOptions }) };
}

describe('a tee of one sink and one InfluxWriter', () => {
  it('sends the same bytes to both', async () => {
    const { tee, fake, lines } = await setUp();
    const { receipt, influx } = await tee.write(to, [point]);
    expect(influx).toEqual({ kind: 'stored' });
    expect(receipt).toMatchObject({ lines: 1, ack: 'spooled' });
    expect(fake.writes()).toMatchObject([
      { query: { db: 'db_0', rp: 'rp_5d', precision: 'n' }, body: 'my\\ cpu,host=a\\,b v=1i 1700000000000000000\n' },
    ]);
    expect(await lines()).toEqual(['db_0/rp_5d my\\ cpu,host=a\\,b v=1i 1700000000000000000']);
  });

  it('keeps the bytes of writes that overlap apart', async () => {
    const { tee, fake, lines } = await setUp();
    const writes = Array.from({ length: 50 }, (_, n) => tee.write(to, [{ ...point, fields: { v: BigInt(n) } }]));
    await Promise.all(writes);
    const sent = fake.writes().map(({ body }) => body.trimEnd());
    expect(new Set(sent).size).toBe(50);
    expect(new Set((await lines()).map((line) => line.slice('db_0/rp_5d '.length)))).toEqual(new Set(sent));
  });

  it('takes raw lines, and sends them in the precision of the sink', async () => {
    const { tee, fake, lines } = await setUp(undefined, { precision: 's' });
    await tee.write(to, { lines: '# a comment\nm v=1 1700000000000\n\nm v=2 1700000001000', precision: 'ms' });
    expect(fake.writes()).toMatchObject([{ query: { precision: 's' }, body: 'm v=1 1700000000\nm v=2 1700000001\n' }]);
    expect(await lines()).toEqual(['db_0/rp_5d m v=1 1700000000', 'db_0/rp_5d m v=2 1700000001']);
  });

  it('stamps raw lines without a timestamp in their own precision', async () => {
    const { tee, fake, lines } = await setUp(undefined, { precision: 's' });
    await tee.write(to, { lines: 'm v=1\nm v=2 1700000001', precision: 's' });
    const sent = fake.writes()[0]?.body.trimEnd().split('\n') ?? [];
    expect(sent).toEqual([expect.stringMatching(/^m v=1 \d{10}$/), 'm v=2 1700000001']);
    expect(await lines()).toEqual(sent.map((line) => `db_0/rp_5d ${line}`));
  });

  it('is durable before anything is sent to InfluxDB, whatever ack the caller asks for', async () => {
    const { tee, sink } = await setUp(async (_, response) => {
      spooledWhenAsked = sink.stats().spooledBytes;
      response.writeHead(204).end();
    });
    let spooledWhenAsked = 0;
    await tee.write(to, [point], { ack: 'buffered' });
    expect(spooledWhenAsked).toBeGreaterThan(0);
  });

  it('rejects with the outcome and the receipt if InfluxDB stored only a part', async () => {
    const { tee, lines } = await setUp(
      answerWith(400, { error: 'partial write: points beyond retention policy dropped=1' }),
    );
    await expect(tee.write(to, [point])).rejects.toMatchObject({
      name: 'InfluxWriteError',
      code: 'PARTLY',
      retryable: false,
      outcome: { kind: 'partly', code: 'EXPIRED', dropped: 1 },
      backup: { lines: 1 },
    });
    expect(await lines()).toHaveLength(1);
  });

  it("resolves with InfluxDB's outcome if onInfluxError is 'resolve'", async () => {
    const { tee } = await setUp(answerWith(503, { error: 'throttled' }), {}, { onInfluxError: 'resolve' });
    expect(await tee.write(to, [point])).toMatchObject({ receipt: { lines: 1 }, influx: { kind: 'retry' } });
    expect(teeStats(tee)).toMatchObject({ influxErrors: 1 });
  });

  it('reports a TIMEOUT when InfluxDB stays silent', async () => {
    const { tee } = await setUp(() => undefined, {}, { onInfluxError: 'resolve', influxTimeoutMs: 30 });
    expect(await tee.write(to, [point])).toMatchObject({ influx: { kind: 'retry', code: 'TIMEOUT', ambiguous: true } });
  });

  it('returns a receipt that never reaches an ack if it went on without a backup', async () => {
    const { tee, sink } = await setUp(undefined, {}, { onSinkError: 'continue' });
    await sink.close();
    const { receipt, influx } = await tee.write(to, [point]);
    expect(influx).toEqual({ kind: 'stored' });
    expect(receipt.lines).toBe(0);
    await expect(receipt.reached('spooled')).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('refuses a bad point on both sides', async () => {
    const { tee, fake, lines } = await setUp();
    await expect(tee.write(to, [point, { measurement: 'm', fields: { v: Number.NaN } }])).rejects.toMatchObject({
      code: 'INVALID_DATA',
    });
    expect(fake.seen).toEqual([]);
    expect(await lines()).toEqual([]);
  });

  it('gives up when the caller does, on either side', async () => {
    const { tee, fake } = await setUp(() => undefined, {}, { onInfluxError: 'resolve' });
    const before = AbortSignal.abort(new Error('enough'));
    await expect(tee.write(to, [point], { signal: before })).rejects.toThrow('enough');
    expect(fake.seen).toEqual([]);
    const later = new AbortController();
    const write = tee.write(to, [point], { signal: later.signal });
    setTimeout(() => later.abort(new Error('enough')), 50);
    await expect(write).rejects.toThrow('enough');
  });

  it.each<[string, object, object | null, string, RegExp]>([
    [
      'a misspelled policy, which would become the default one',
      { database: 'd', retentionPolcy: 'x' },
      {},
      'INVALID_OPTIONS',
      /Did you mean `retentionPolicy`/,
    ],
    [
      'no database',
      {},
      {},
      'INVALID_NAME',
      /Expected the `database` of a write to be a non-empty string, got undefined/,
    ],
    [
      'another server',
      { database: 'd', instance: 'other' },
      {},
      'INVALID_OPTIONS',
      /Expected `instance` to be 'influxdb-0', the server of this tee, got 'other'/,
    ],
    [
      'an unknown ack',
      { database: 'd' },
      { ack: 'fsynced' },
      'INVALID_OPTIONS',
      /'buffered', 'spooled', 'stored', got 'fsynced'/,
    ],
    ['null as options', { database: 'd' }, null, 'INVALID_OPTIONS', /the options of tee.write\(\) .* got null/],
    [
      'a signal that is not one',
      { database: 'd' },
      { signal: {} },
      'INVALID_OPTIONS',
      /Expected `signal` to be an AbortSignal, got {}/,
    ],
    ['a misspelled ack', { database: 'd' }, { acks: 'stored' }, 'INVALID_OPTIONS', /Did you mean `ack`/],
  ])('refuses a write with %s, before either side has anything', async (_, to, options, code, message) => {
    const { tee, fake, lines } = await setUp();
    const write = tee.write(to as { database: string }, { lines: 'm v=1 5', precision: 'ns' }, options as object);
    await expect(write).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(fake.seen).toEqual([]);
    expect(await lines()).toEqual([]);
  });

  it('heeds a signal of another realm, such as that of jsdom', async () => {
    const foreign = Object.assign(new EventTarget(), { aborted: false, throwIfAborted: () => undefined });
    const { tee, lines } = await setUp(() => {
      Object.assign<object, object>(foreign, { aborted: true, reason: new Error('enough') });
      foreign.dispatchEvent(new Event('abort'));
    });
    await expect(tee.write(to, [point], { signal: foreign as unknown as AbortSignal })).rejects.toThrow('enough');
    expect(await lines()).toHaveLength(1);
  });

  it.each<[string, object, RegExp]>([
    ['a number', { lines: 5, precision: 's' }, /text or bytes/],
    ['an ArrayBuffer', { lines: new ArrayBuffer(8), precision: 's' }, /text or bytes/],
    ['no precision', { lines: 'm v=1' }, /one of ns, us, ms, s, m, h, got undefined.*precision: 's'/],
    ['an unknown precision', { lines: 'm v=1', precision: 'sec' }, /one of ns, us, ms, s, m, h, got 'sec'/],
  ])('refuses raw lines with %s, and names the fix', async (_, data, message) => {
    const { tee, fake, lines } = await setUp();
    const refusal = { name: 'SinkError', code: 'INVALID_DATA', message: expect.stringMatching(message) };
    await expect(tee.write(to, data as RawLines)).rejects.toMatchObject(refusal);
    expect(fake.seen).toEqual([]);
    expect(await lines()).toEqual([]);
  });

  it('takes a whole partition, if it belongs to its own server', async () => {
    const { tee, lines } = await setUp();
    const partition = { instance: 'influxdb-0', database: 'db_0', retentionPolicy: 'rp_5d' };
    await tee.write(partition, { lines: 'm v=1 5', precision: 'ns' });
    expect(await lines()).toEqual(['db_0/rp_5d m v=1 5']);
  });

  it('refuses wrong arguments and names the fix', async () => {
    const { sink, influx } = await setUp();
    expect(() => createTee(influx, sink, {} as never)).toThrow(/Expected `instance` to be a non-empty string/);
    expect(() => createTee({} as never, sink, { instance })).toThrow(/new InfluxWriter/);
    expect(() => createTee(influx, sink, { instance, retries: 3 } as never)).toThrow(/no option `retries`/);
  });
});
