import { type Influxd, influxdAvailable, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fuzz } from '../campaign/fuzz/campaign';
import { FuzzServer, type StoredPoint } from '../campaign/fuzz/server';
import { parseLine } from '../src/index';
import { encode, escapingRows, recordRows } from './support/tables';

describe.skipIf(!(await influxdAvailable()))('a real InfluxDB', () => {
  let influxd: Influxd;
  let server: FuzzServer;

  beforeAll(async () => {
    influxd = await startInfluxd();
    server = new FuzzServer(influxd);
  });
  afterAll(() => influxd.stop());

  async function storedFrom(record: string): Promise<readonly StoredPoint[]> {
    return (await server.writeAndRead(Buffer.from(`${record}\n`))).points;
  }

  it('stores the text of every row in the table of escapes', async () => {
    for (const row of escapingRows.filter(({ refused }) => refused === undefined)) {
      const { timestamp, ...point } = parseLine(encode(row), { precision: 'ns' });
      expect(await storedFrom(encode(row)), encode(row)).toEqual([{ ...point, timestamp }]);
    }
  });

  it('stores every row of the table of records as the row says, and refuses the others', async () => {
    for (const { record, stored, difference } of recordRows) {
      if (difference !== undefined) continue;
      const points = await storedFrom(record);
      const shown = points.map(({ timestamp: _, fields, ...point }) => ({
        ...point,
        fields: Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, typeof v === 'bigint' ? `${v}i` : v])),
      }));
      expect(shown, record).toEqual(stored === undefined ? [] : [stored]);
    }
  });

  it('accepts the generated lines that we accept, and stores what we read', async () => {
    const seed = 1; // Fixed, so that a failure comes from a change of the code. The long campaign draws new seeds.
    const { differences, lines } = await fuzz({ server, lines: 3_000, seed });
    expect(differences, `seed ${seed}`).toEqual([]);
    expect(Object.values(lines).reduce((sum, count) => sum + count)).toBe(3_000);
  });
});
