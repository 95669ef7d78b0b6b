import { InfluxWriter } from '@ceres/influx-http';
import { InfluxDB as V2Client } from '@influxdata/influxdb-client';
import { InfluxDB } from 'influx';
import { describe, expect, it, vi } from 'vitest';
import { type BackupSink, createTee, teeInflux, teeStats, teeTransport } from '../../src/index';
import { afterTest, openTestSink } from './backup';
import { answerWith, type FakeInflux, startFakeInflux } from './fake-influx';

const options = { instance: 'influxdb-0' };

/** Each makes a tee, and a write through it. */
const tees: Record<string, (fake: FakeInflux, sink: BackupSink) => { tee: object; write: () => Promise<unknown> }> = {
  createTee(fake, sink) {
    const writer = new InfluxWriter({ url: fake.url });
    afterTest(() => writer.close());
    const tee = createTee(writer, sink, options);
    return { tee, write: () => tee.write({ database: 'db_0' }, { lines: 'm v=1 1', precision: 'ns' }) };
  },
  teeInflux(fake, sink) {
    const tee = teeInflux(new InfluxDB({ host: '127.0.0.1', port: fake.port, database: 'db_0' }), sink, options);
    return { tee, write: () => tee.writePoints([{ measurement: 'm', fields: { v: 1 }, timestamp: '1' }]) };
  },
  teeTransport(fake, sink) {
    const connection = { url: fake.url, token: 'me:secret' };
    const tee = teeTransport(new V2Client(connection).transport, sink, options);
    const api = new V2Client({ ...connection, transport: tee }).getWriteApi('', 'db_0', 'ns', { maxRetries: 0 });
    api.writeRecord('m v=1 1');
    return { tee, write: () => api.close() };
  },
};

describe.each(Object.entries(tees))('a write through %s that InfluxDB answers', (_, make) => {
  it.each([401, 403])('%i is logged loudly and counted: a restore would bring it', async (status) => {
    const fake = await startFakeInflux(answerWith(status, { error: 'no', message: 'no' }));
    afterTest(() => fake.stop());
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const { sink, lines } = await openTestSink({ logger });
    const { tee, write } = make(fake, sink);
    const error = await write().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(teeStats(tee)).toMatchObject({ influxErrors: 1, unauthorized: 1 });
    expect(logger.error).toHaveBeenCalledWith(expect.anything(), expect.stringContaining('refuses the credentials'));
    expect(await lines()).toHaveLength(1);
  });

  it('500 is neither', async () => {
    const fake = await startFakeInflux(answerWith(500, { error: 'no', message: 'no' }));
    afterTest(() => fake.stop());
    const logger = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
    const { sink } = await openTestSink({ logger });
    const { tee, write } = make(fake, sink);
    await write().catch(() => undefined);
    expect(teeStats(tee)).toMatchObject({ influxErrors: 1, unauthorized: 0 });
    expect(logger.error).not.toHaveBeenCalled();
  });
});
