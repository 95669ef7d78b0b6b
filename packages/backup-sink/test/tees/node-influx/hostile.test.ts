import { growingTexts, superlinear } from '@ceres/testkit';
import { InfluxDB } from 'influx';
import { describe, expect, it } from 'vitest';
import { teeInflux } from '../../../src/index';
import { openTestSink } from '../backup';

describe('The time for a point that node-influx writes', { timeout: 120_000 }, () => {
  it.each([
    ['a timestamp', (text: string) => ({ measurement: 'm', fields: { v: 1 }, timestamp: text })],
    ['a string', (text: string) => ({ measurement: 'm', fields: { v: text } })],
  ])('grows with its size and no faster, whatever %s is', async (_, point) => {
    const { sink } = await openTestSink();
    const client = new InfluxDB({ host: '127.0.0.1', port: 1, database: 'db_0' }); // No one listens there.
    const teed = teeInflux(client, sink, { instance: 'influxdb-0', onInfluxError: 'resolve' });
    const units = ['1', '\\', "\\'", '"', '1 '];
    const write = (text: string) => teed.writePoints([point(`${text}x`)]).catch(onlyRefused);
    expect(await superlinear(growingTexts(units, write))).toEqual([]);
  });
});

/** The sink refuses what line protocol cannot carry, and node-influx what it cannot read as a time. */
function onlyRefused(error: unknown): void {
  expect(error).toBeInstanceOf(Error);
}
