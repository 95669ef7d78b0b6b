import { InfluxDB } from 'influx';
import { afterTest, openTestSink } from '../backup';
import { startFakeInflux } from '../fake-influx';

export const point = { measurement: 'cpu', tags: { host: 'a' }, fields: { v: 1 }, timestamp: '1700000000000000000' };
export const instance = 'influxdb-0';

/** Starts an imitation of InfluxDB with a client of it, and a sink. */
export async function setUp(answer?: Parameters<typeof startFakeInflux>[0], sinkOptions = {}) {
  const fake = await startFakeInflux(answer);
  afterTest(() => fake.stop());
  const client = new InfluxDB({ host: '127.0.0.1', port: fake.port, database: 'db_0' });
  return { fake, client, ...(await openTestSink(sinkOptions)) };
}
