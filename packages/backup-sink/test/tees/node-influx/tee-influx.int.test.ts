import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { FieldType, InfluxDB, toNanoDate } from 'influx';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { teeInflux, teeStats } from '../../../src/index';
import { openTestSink, type TestSink } from '../backup';
import { contents, emptyDatabase, expectBackupToEqual } from '../replay';

const instance = 'influxdb-0';

describe.skipIf(!(await influxdAvailable()))('a teed node-influx client and a real InfluxDB', () => {
  let influxd: Influxd;
  let test: TestSink;
  let tee: InfluxDB;

  beforeAll(async () => {
    influxd = await startInfluxd();
  });
  afterAll(() => influxd?.stop());

  beforeEach(async () => {
    await emptyDatabase(influxd, 'db_0');
    test = await openTestSink();
    tee = teeInflux(newClient(), test.sink, { instance });
  });

  function newClient(): InfluxDB {
    const fields = { i: FieldType.INTEGER, f: FieldType.FLOAT, s: FieldType.STRING, b: FieldType.BOOLEAN };
    const schema = [{ measurement: 'typed', tags: ['host'], fields }];
    return new InfluxDB({ host: '127.0.0.1', port: influxd.httpPort, database: 'db_0', schema });
  }

  it('end with the same content, whatever the points are like', async () => {
    await tee.writePoints([
      { measurement: 'typed', tags: { host: 'a b,c=d' }, fields: { i: 5.9, f: 1, s: 'x "y" \\ z, =', b: true } },
      {
        measurement: 'loose',
        tags: { größe: 'µ', n: 5 as never },
        fields: { v: 1, s: 'T', 'a key': -1e-7 },
        timestamp: 1,
      },
      { measurement: 'my\\ cpu', fields: { v: 2 ** 60 }, timestamp: new Date() },
      { measurement: 'loose', fields: { v: 3 }, timestamp: toNanoDate('1475985480231035600') },
      { measurement: 'loose', fields: { v: 4 }, timestamp: '-5' },
      { measurement: 'quotes', tags: { "it\\'s": 'a\\b"c' }, fields: { 'say "x"': "it\\'s" }, timestamp: 7 },
    ]);
    await tee.writeMeasurement('typed', [{ fields: { i: '7' } }], { precision: 's' });
    expect(await contents(influxd, 'db_0')).not.toEqual([]);
    expect(await expectBackupToEqual(influxd, 'db_0', test)).toBe(7);
  });

  it('hold equal points also when a thousand writes overlap', async () => {
    const writes = Array.from({ length: 1000 }, (_, n) =>
      tee.writePoints([{ measurement: 'm', tags: { t: String(n % 7) }, fields: { v: n } }]),
    );
    await Promise.all(writes);
    expect(await expectBackupToEqual(influxd, 'db_0', test)).toBe(1000);
  });

  it('never get a forged point', async () => {
    const forged = { measurement: 'm', tags: { a: 'x\nforged' }, fields: { v: 666 } };
    await expect(newClient().writePoints([forged])).rejects.toThrow('partial write');
    expect(JSON.stringify(await contents(influxd, 'db_0'))).toContain('forged');

    await query(influxd.url, 'db_0', 'DROP SERIES FROM /.*/');
    await expect(tee.writePoints([forged])).rejects.toMatchObject({ code: 'INVALID_DATA' });
    expect(await contents(influxd, 'db_0')).toEqual([]);
    expect(await test.lines()).toEqual([]);
  });

  it('lose nothing that InfluxDB refuses: the error is its own, the point is in the backup', async () => {
    await tee.writePoints([{ measurement: 'm', fields: { v: 1 }, timestamp: 1 }]);
    const conflict = tee.writePoints([{ measurement: 'm', fields: { v: 'text' }, timestamp: 2 }]);
    await expect(conflict).rejects.toThrow(/A 400 Bad Request.*field type conflict/);
    await expect(conflict).rejects.toMatchObject({ res: { statusCode: 400 }, backup: { lines: 1 } });
    expect(await test.lines()).toHaveLength(2);
  });

  it('catch up by the backup after InfluxDB was down', async () => {
    const forward = teeInflux(newClient(), test.sink, { instance, onInfluxError: 'resolve' });
    const lone = await startInfluxd();
    const client = new InfluxDB({ host: '127.0.0.1', port: lone.httpPort, database: 'db_0' });
    await lone.stop();
    const down = teeInflux(client, test.sink, { instance, onInfluxError: 'resolve' });
    await forward.writePoints([{ measurement: 'm', fields: { v: 1 }, timestamp: 1 }]);
    await down.writePoints([{ measurement: 'm', fields: { v: 2 }, timestamp: 2 }]);
    expect(teeStats(down)).toMatchObject({ influxErrors: 1 });
    expect(await test.lines()).toEqual(['db_0/~default m v=1 1', 'db_0/~default m v=2 2']);
  });
});
