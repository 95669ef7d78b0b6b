import { InfluxDB, type IPoint, type IWriteOptions } from 'influx';
import { describe, expect, it, vi } from 'vitest';
import { isBackedUp, teeInflux, teeStats } from '../../../src/index';
import { answerWith, cutShort } from '../fake-influx';
import { instance, point, setUp } from './client';

describe('a client that teeInflux wraps', () => {
  it('has the same type, and does not change the client that it wraps', async () => {
    const { client, sink } = await setUp();
    class Ours extends InfluxDB {
      greet = () => 'hello';
    }
    const ours = teeInflux(new Ours(), sink, { instance });
    expect(ours).toBeInstanceOf(Ours);
    expect(ours.greet()).toBe('hello');
    const before = client.writePoints;
    teeInflux(client, sink, { instance });
    expect(client.writePoints).toBe(before);
  });

  it('writes to both, with the database and policy of the call, at the precision of the sink', async () => {
    const { client, sink, fake, lines } = await setUp();
    const tee = teeInflux(client, sink, { instance });
    await tee.writePoints([{ ...point, timestamp: 1_700_000_000 }], {
      database: 'db_1',
      retentionPolicy: 'rp_5d',
      precision: 's',
    });
    expect(fake.writes()).toMatchObject([
      { query: { db: 'db_1', rp: 'rp_5d', precision: 'n' }, body: 'cpu,host=a v=1 1700000000000000000\n' },
    ]);
    expect(await lines()).toEqual(['db_1/rp_5d cpu,host=a v=1 1700000000000000000']);
  });

  it('writes both sides to the same place, even if the caller changes its options during the write', async () => {
    const { client, sink, fake, lines } = await setUp();
    const options: IWriteOptions = { database: 'db_1', retentionPolicy: 'rp_5d', precision: 's' };
    const write = teeInflux(client, sink, { instance }).writePoints([{ ...point, timestamp: 1_700_000_000 }], options);
    Object.assign(options, { database: 'db_2', retentionPolicy: 'rp_9d', precision: 'ms' });
    await write;
    expect(fake.writes()).toMatchObject([{ query: { db: 'db_1', rp: 'rp_5d', precision: 'n' } }]);
    expect(await lines()).toEqual(['db_1/rp_5d cpu,host=a v=1 1700000000000000000']);
  });

  it('writes measurements too', async () => {
    const { client, sink, fake, lines } = await setUp();
    await teeInflux(client, sink, { instance }).writeMeasurement('mem', [{ fields: { v: 2 }, timestamp: '5' }]);
    expect(fake.writes()[0]?.body).toBe('mem v=2 5\n');
    expect(await lines()).toEqual(['db_0/~default mem v=2 5']);
  });

  it('gives a point without a timestamp the same one on both sides', async () => {
    const { client, sink, fake, lines } = await setUp();
    const { timestamp: _, ...timeless } = point;
    await teeInflux(client, sink, { instance }).writePoints([timeless, timeless]);
    const sent = fake.writes()[0]?.body.trimEnd().split('\n') ?? [];
    expect(sent).toHaveLength(2);
    expect(new Set(sent).size).toBe(2);
    expect(await lines()).toEqual(sent.map((line) => `db_0/~default ${line}`));
  });

  it('sends the points to InfluxDB only once the sink has them', async () => {
    const { client, sink, fake, lines } = await setUp();
    const order: string[] = [];
    const write = vi.spyOn(client, 'writePoints').mockImplementation(async () => {
      order.push(`influx, ${sink.stats().acceptedLines} accepted`);
    });
    await teeInflux(client, sink, { instance }).writePoints([point]);
    expect(order).toEqual(['influx, 1 accepted']);
    expect(write).toHaveBeenCalledOnce();
    expect(fake.seen).toEqual([]);
    expect(await lines()).toHaveLength(1);
  });

  it('sends nothing to InfluxDB when the sink fails, and rejects with its error', async () => {
    const { client, sink, fake } = await setUp();
    await sink.close();
    const tee = teeInflux(client, sink, { instance });
    await expect(tee.writePoints([point])).rejects.toMatchObject({ code: 'CLOSED' });
    expect(fake.seen).toEqual([]);
    expect(teeStats(tee)).toMatchObject({ writes: 1, sinkErrors: 1, withoutBackup: 0, influxErrors: 0 });
  });

  it("writes without a backup if onSinkError is 'continue', and counts and logs that", async () => {
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const { client, sink, fake } = await setUp(undefined, { logger });
    await sink.close();
    const tee = teeInflux(client, sink, { instance, onSinkError: 'continue' });
    await tee.writePoints([point]);
    expect(fake.writes()).toHaveLength(1);
    expect(teeStats(tee)).toMatchObject({ sinkErrors: 1, withoutBackup: 1, lastSinkError: { code: 'CLOSED' } });
    expect(logger.error).toHaveBeenCalledWith(expect.anything(), expect.stringContaining('without a backup'));
  });

  it("refuses bad points even if onSinkError is 'continue': neither side gets any of the batch", async () => {
    const { client, sink, fake, lines } = await setUp();
    const tee = teeInflux(client, sink, { instance, onSinkError: 'continue' });
    const forged: IPoint = { ...point, tags: { host: 'a v=1 1\nforged v=666' } };
    await expect(tee.writePoints([point, forged])).rejects.toMatchObject({ code: 'INVALID_DATA' });
    const reserved: IPoint = { ...point, tags: { time: 'a' } };
    await expect(tee.writePoints([point, reserved])).rejects.toMatchObject({ code: 'INVALID_DATA' });
    expect(fake.seen).toEqual([]);
    expect(await lines()).toEqual([]);
  });

  it("rejects with node-influx's own error, which carries the receipt", async () => {
    const answer = answerWith(404, { error: 'database not found: "db_0"' });
    const { client, sink, lines } = await setUp(answer);
    const direct = await client.writePoints([point]).catch((error: unknown) => error);
    const teed = await teeInflux(client, sink, { instance })
      .writePoints([point])
      .catch((error: unknown) => error);
    expect(teed).toHaveProperty('message', (direct as Error).message);
    expect((teed as object).constructor).toBe((direct as object).constructor);
    expect(isBackedUp(direct)).toBe(false);
    expect(isBackedUp(teed)).toBe(true);
    expect(teed).toMatchObject({ backup: { lines: 1, ack: 'spooled' }, res: { statusCode: 404 } });
    expect(await lines()).toHaveLength(1);
  });

  it("stores and forwards if onInfluxError is 'resolve', and counts that", async () => {
    const { client, sink, lines } = await setUp(answerWith(503, { error: 'timeout' }));
    const tee = teeInflux(client, sink, { instance, onInfluxError: 'resolve' });
    await tee.writePoints([point]);
    expect(teeStats(tee)).toMatchObject({ writes: 1, influxErrors: 1, lastInfluxError: expect.any(Error) });
    expect(await lines()).toHaveLength(1);
  });

  it('never resolves when neither side has the points', async () => {
    const { client, sink } = await setUp(answerWith(503, { error: 'timeout' }));
    await sink.close();
    const tee = teeInflux(client, sink, { instance, onInfluxError: 'resolve', onSinkError: 'continue' });
    const error = await tee.writePoints([point]).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    expect(isBackedUp(error)).toBe(false);
  });

  it('stops waiting for an answer that breaks off', async () => {
    const { client, sink, lines } = await setUp(cutShort);
    const tee = teeInflux(client, sink, { instance, influxTimeoutMs: 50 });
    await expect(tee.writePoints([point])).rejects.toMatchObject({
      name: 'InfluxWriteError',
      code: 'TIMEOUT',
      retryable: true,
      backup: { lines: 1 },
    });
    expect(await lines()).toHaveLength(1);
  });

  it('refuses what the precision of the backup cannot hold, on both sides', async () => {
    const { client, sink, fake } = await setUp(undefined, { precision: 's' });
    const tee = teeInflux(client, sink, { instance });
    const fine = { ...point, timestamp: new Date(1_700_000_000_123) };
    await expect(tee.writePoints([fine])).rejects.toMatchObject({ code: 'INVALID_DATA' });
    const { timestamp: _, ...timeless } = point;
    await expect(tee.writePoints([timeless])).rejects.toMatchObject({ code: 'INVALID_DATA' });
    expect(fake.seen).toEqual([]);
  });

  it('truncates times on both sides if the sink does', async () => {
    const { client, sink, fake, lines } = await setUp(undefined, { precision: 's', onPrecisionLoss: 'truncate' });
    await teeInflux(client, sink, { instance }).writePoints([{ ...point, timestamp: new Date(1_700_000_000_123) }]);
    expect(fake.writes()).toMatchObject([{ query: { precision: 's' }, body: 'cpu,host=a v=1 1700000000\n' }]);
    expect(await lines()).toEqual(['db_0/~default cpu,host=a v=1 1700000000']);
  });

  it('gives a point without a timestamp whole seconds if the call writes seconds', async () => {
    const { client, sink, fake, lines } = await setUp(undefined, { precision: 's' });
    const { timestamp: _, ...timeless } = point;
    await teeInflux(client, sink, { instance }).writePoints([timeless], { precision: 's' });
    const sent = fake.writes()[0]?.body.trimEnd();
    expect(sent).toMatch(/^cpu,host=a v=1 \d{10}$/);
    expect(await lines()).toEqual([`db_0/~default ${sent}`]);
  });

  it('does not send to InfluxDB what the sink quarantines', async () => {
    const { client, sink, fake, lines, quarantine } = await setUp(undefined, { onInvalid: 'quarantine' });
    const reserved: IPoint = { ...point, tags: { time: 'a' } };
    await teeInflux(client, sink, { instance }).writePoints([reserved, point]);
    expect(fake.writes().map(({ body }) => body)).toEqual(['cpu,host=a v=1 1700000000000000000\n']);
    expect(await lines()).toHaveLength(1);
    expect(await quarantine()).toContain('db_0/~default cpu,time=a v=1 1700000000000000000');
  });

  it('passes a write of no points through', async () => {
    const { client, sink, fake, lines } = await setUp();
    await teeInflux(client, sink, { instance }).writePoints([]);
    expect(fake.asked).toHaveLength(1);
    expect(await lines()).toEqual([]);
  });

  it('refuses a name that a file cannot have, before anything is sent to InfluxDB', async () => {
    const { client, sink, fake } = await setUp();
    const tee = teeInflux(client, sink, { instance, onSinkError: 'continue' });
    await expect(tee.writePoints([point], { database: 'a\nb' })).rejects.toMatchObject({ code: 'INVALID_NAME' });
    expect(fake.seen).toEqual([]);
  });
});
