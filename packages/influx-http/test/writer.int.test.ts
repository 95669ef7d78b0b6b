import { influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { InfluxWriter, ping, queryRows, type WriteTo } from '../src/index';

describe.skipIf(!(await influxdAvailable()))('InfluxWriter on a real server', async () => {
  const influxd = await startInfluxd();
  const writer = new InfluxWriter({ url: influxd.url });
  await query(influxd.url, '', 'CREATE DATABASE db');
  afterAll(async () => {
    await writer.close();
    await influxd.stop();
  });
  const write = (lines: string, to: Partial<WriteTo> = {}) =>
    writer.write(Buffer.from(lines), { database: 'db', precision: 'ns', ...to });

  it('stores lines, and an int64 comes back with all its digits', async () => {
    expect(await write('m,host=a\\ b v=9223372036854775807i 1')).toEqual({ kind: 'stored' });
    const rows: (readonly string[])[] = [];
    for await (const row of queryRows({ url: influxd.url }, 'db', 'SELECT v FROM m GROUP BY *')) rows.push(row);
    expect(rows).toEqual([['m', 'host=a\\ b', '1', '9223372036854775807']]);
  });

  it('says its version', async () => {
    expect(await ping({ url: influxd.url })).toEqual({ version: influxd.version });
  });

  it('settles at once when nothing is in flight', async () => {
    await writer.settled();
  });
});
