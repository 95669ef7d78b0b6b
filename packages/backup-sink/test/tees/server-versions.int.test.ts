import { InfluxWriter } from '@ceres/influx-http';
import {
  isVersion,
  type ProxiedInfluxd,
  proxiedVersions,
  query,
  startProxiedInfluxd,
  versionProxyAvailable,
} from '@ceres/testkit';
import { InfluxDB as V2Client } from '@influxdata/influxdb-client';
import { InfluxDB } from 'influx';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTee, createWriteHandler, teeInflux, teeTransport } from '../../src/index';
import { openTestSink, type TestSink } from './backup';
import { contents, emptyDatabase } from './replay';
import { send } from './write-handler/tools/client';
import { serve } from './write-handler/tools/serve';

const instance = 'influxdb-0';
const available = await versionProxyAvailable();

describe.skipIf(!available).each(proxiedVersions)(
  'a tee to InfluxDB 1.6 behind a proxy that answers as %s (needs influxd 1.6)',
  (version) => {
    const stripsTime = isVersion(version, { from: '1.12' });
    let server: ProxiedInfluxd;
    let test: TestSink;

    beforeAll(async () => {
      server = await startProxiedInfluxd(version);
    });
    afterAll(async () => {
      await server?.stop();
    });
    beforeEach(async () => {
      await emptyDatabase(server.influxd, 'db_0');
      test = await openTestSink();
    });

    const stored = async () =>
      (await query(server.influxd.url, 'db_0', 'SELECT v FROM m'))[0]?.values.map(([, v]) => v) ?? [];

    it('of node-influx backs up what InfluxDB refuses, and hands on its error', async () => {
      const client = new InfluxDB(`${server.url}/db_0`);
      const tee = teeInflux(client, test.sink, { instance });
      await tee.writePoints([{ measurement: 'm', fields: { v: 1 }, timestamp: 1 }]);
      const conflict = tee.writePoints([{ measurement: 'm', fields: { v: 'text' }, timestamp: 2 }]);
      await expect(conflict).rejects.toThrow(/A 400 Bad Request.*field type conflict/);
      expect([await stored(), (await test.lines()).length]).toEqual([[1], 2]);
    });

    it('of createTee says what became of the write', async () => {
      const writer = new InfluxWriter({ url: server.url });
      const tee = createTee(writer, test.sink, { instance, onInfluxError: 'resolve' });
      const write = async (lines: string) => (await tee.write({ database: 'db_0' }, { lines, precision: 'ns' })).influx;
      expect(await write('m v=1 1\nm v=2 2')).toEqual({ kind: 'stored' });
      const conflict = { kind: 'partly', code: 'TYPE_CONFLICT', dropped: 1 };
      expect(await write('m v=1i 3\nm v=4 4')).toMatchObject(conflict);
      const mixed = 'm a=1,v=5 5\nm a=1i,v=6 6';
      expect(await write(mixed)).toMatchObject(stripsTime ? conflict : { kind: 'refused', code: 'MIXED_TYPES' });
      expect(await write(mixed)).toMatchObject(conflict);
      await writer.close();
      expect([await stored(), (await test.lines()).length]).toEqual([[1, 2, 4, 5], 8]);
    });

    it('of the write handler passes the answer on, and takes a point without its field `time` as stored', async () => {
      const url = await serve(createWriteHandler(server.url, test.sink, { instance }));
      const write = (lines: string, precision = 'n') =>
        send(url, 'POST', `/write?db=db_0&precision=${precision}`, lines);
      expect(await write('m v=1 1')).toMatchObject({ status: 204, headers: { 'x-influxdb-version': version } });
      const time = await write('m time=7,v=2 2');
      expect(time.status).toBe(stripsTime ? 400 : 204);
      if (stripsTime) expect(time.body).toContain('has been stripped from point. dropped=0 for database: db_0');
      expect(await write('m v=3 3', 'us')).toMatchObject({
        status: 400,
        body: expect.stringContaining('invalid precision'),
      });
      expect([await stored(), (await test.lines()).length]).toEqual([[1, 2], 2]);
    });

    it('of the clients for version 2 writes by /api/v2/write', async () => {
      const connection = { url: server.url, token: 'user:password' };
      const transport = teeTransport(new V2Client(connection).transport, test.sink, { instance });
      const api = new V2Client({ ...connection, transport }).getWriteApi('', 'db_0', 'ns', { maxRetries: 0 });
      api.writeRecords(['m v=1 1', 'm v=2 2']);
      await api.close();
      expect([await stored(), (await test.lines()).length]).toEqual([[1, 2], 2]);
      expect(await contents(server.influxd, 'db_0')).toHaveLength(1);
    });
  },
);
