import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Influxd, influxdAvailable, influxTool, query, startInfluxd } from '@ceres/testkit';
import { InfluxDB as InfluxDBv2, Point } from '@influxdata/influxdb-client';
import { InfluxDBClient, Point as PointV3 } from '@influxdata/influxdb3-client';
import { InfluxDB } from 'influx';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWriteHandler } from '../../../../src/index';
import { afterTest, openTestSink, type TestSink } from '../../backup';
import { contents, emptyDatabase, expectBackupToEqual } from '../../replay';
import { send } from '../tools/client';
import { findPythonInfluxdb } from '../tools/python-influxdb';
import { serve } from '../tools/serve';

const python = await findPythonInfluxdb();

describe.skipIf(!(await influxdAvailable()))('clients that write through the handler into a real InfluxDB', () => {
  let influxd: Influxd;
  let test: TestSink;
  let url: string;
  let handler: ReturnType<typeof createWriteHandler>;

  beforeAll(async () => {
    influxd = await startInfluxd();
  });
  afterAll(() => influxd?.stop());

  beforeEach(async () => {
    await emptyDatabase(influxd, 'db_0');
    await query(influxd.url, '', 'CREATE RETENTION POLICY "rp_5d" ON "db_0" DURATION 5d REPLICATION 1 DEFAULT');
    test = await openTestSink({ precision: 'ms' });
    handler = createWriteHandler(influxd.url, test.sink, { instance: 'influxdb-0' });
    url = await serve(handler);
  });

  const nowMs = Date.now();

  async function valuesOf(client: InfluxDB): Promise<number[]> {
    return (await client.query<{ v: number }>('SELECT v FROM m')).map(({ v }) => v);
  }

  it('that send a field key which is not UTF-8 do not cost the shard: all good lines are there after a restart', async () => {
    const other = await openTestSink({ precision: 'ms', onInvalid: 'quarantine' });
    const to = await serve(createWriteHandler(influxd.url, other.sink, { instance: 'influxdb-0' }));
    const good = Array.from({ length: 3_000 }, (_, n) => `m,n=${n} v=${n} ${nowMs}`).join('\n');
    const bad = Buffer.from(`\nm \xff=1 ${nowMs}\n\xfe v=1 ${nowMs}\n`, 'latin1');
    const answer = await fetch(`${to}/write?db=db_0&precision=ms`, {
      method: 'POST',
      body: Buffer.concat([Buffer.from(good), bad, Buffer.from(good)]),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('a field key is not UTF-8');
    await influxd.kill();
    await influxd.restart();
    expect((await query(influxd.url, 'db_0', 'SELECT count(v) FROM m'))[0]?.values[0]?.[1]).toBe(3_000);
    expect((await fetch(`${influxd.url}/write?db=db_0`, { method: 'POST', body: `m v=1 ${nowMs}000000` })).status).toBe(
      204,
    );
    expect(other.sink.stats().quarantinedLines).toBe(2);
  });

  it('node-influx writes, queries, pings and gets its errors', async () => {
    const client = new InfluxDB({ host: '127.0.0.1', port: Number(new URL(url).port), database: 'db_0' });
    expect(await client.ping(5000)).toMatchObject([{ online: true, version: influxd.version }]);
    const points = [1, 2].map((v) => ({ measurement: 'm', tags: { a: 'x y' }, fields: { v }, timestamp: nowMs + v }));
    await client.writePoints(points, { precision: 'ms' });
    expect(await valuesOf(client)).toEqual([1, 2]);
    const conflict = client.writePoints([{ measurement: 'm', fields: { v: 'text' } }], { precision: 'ms' });
    await expect(conflict).rejects.toThrow(/400 Bad Request.*field type conflict/);
    expect(await test.lines()).toHaveLength(3);
  });

  it('influxdb-client writes batches, gzip, to the default policy and to a named one', async () => {
    const client = new InfluxDBv2({ url, token: 'me:secret' });
    for (const bucket of ['db_0', 'db_0/rp_5d']) {
      const write = client.getWriteApi('', bucket, 'ms', { gzipThreshold: 100, maxRetries: 0, batchSize: 40 });
      for (let v = 0; v < 100; v += 1) {
        write.writePoint(
          new Point('m')
            .tag('bucket', bucket)
            .intField('v', v)
            .timestamp(nowMs + v),
        );
        // The first point opens the shard alone: InfluxDB hides what comes in the same moment from another request.
        if (v === 0) await write.flush();
      }
      await write.close();
    }
    expect(await query(influxd.url, 'db_0', 'SELECT count(v) FROM m')).toMatchObject([
      { values: [[expect.anything(), 200]] },
    ]);
    expect(await expectBackupToEqual(influxd, 'db_0', test)).toBe(200);
  });

  it('influxdb3-client writes', async () => {
    const client = new InfluxDBClient({ host: url, token: 'secret', database: 'db_0/rp_5d' });
    afterTest(() => client.close());
    const points = [1, 2].map((v) =>
      PointV3.measurement('m')
        .setFloatField('v', v)
        .setTimestamp(new Date(nowMs + v)),
    );
    await client.write(points);
    expect(await expectBackupToEqual(influxd, 'db_0', test)).toBe(2);
  });

  it('the official `influx -import` creates its database through the handler, and writes', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ceres-import-'));
    afterTest(() => rm(folder, { recursive: true, force: true }));
    const nowS = Math.floor(nowMs / 1000);
    const lines = Array.from({ length: 12_000 }, (_, n) => `m,t=${n % 10} v=${n} ${nowS - n}`);
    const dml = ['# DML', '# CONTEXT-DATABASE: db_0', '# CONTEXT-RETENTION-POLICY: rp_5d'];
    await writeFile(join(folder, 'x'), ['# DDL', 'CREATE DATABASE db_0', ...dml, ...lines, ''].join('\n'));
    const result = await influxTool(['-import', `-path=${join(folder, 'x')}`, '-precision=s'], { url });
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout + result.stderr).toContain('Processed 12000 inserts');
    expect(await expectBackupToEqual(influxd, 'db_0', test)).toBe(12_000);
  });

  it.skipIf(python === undefined)("Debian's python3-influxdb writes, also with gzip", async () => {
    const script = `
import sys
from influxdb import InfluxDBClient
for use_gzip in (False, True):
    client = InfluxDBClient(host='127.0.0.1', port=int(sys.argv[1]), database='db_0', gzip=use_gzip)
    points = [{'measurement': 'm', 'tags': {'gzip': str(use_gzip)}, 'time': int(sys.argv[2]) + n,
               'fields': {'v': float(n), 's': 'say "x", \\\\ é', 'i': n, 'b': True}} for n in range(100)]
    client.write_points(points, time_precision='ms', retention_policy='rp_5d')
print(len(list(client.query('SELECT v FROM m').get_points())), client.ping())
`;
    const printed = await python?.run(script, [new URL(url).port, String(nowMs)]);
    expect(printed).toBe(`200 ${influxd.version}\n`);
    expect(await expectBackupToEqual(influxd, 'db_0', test)).toBe(200);
  });

  it('get the name of a bad line with a control character, for which InfluxDB would send an illegal header', async () => {
    const answer = await send(url, 'POST', '/write?db=db_0&precision=ms', 'm\x01 v 1');
    expect(answer.status).toBe(400);
    const quarantining = await openTestSink({ precision: 'ms', onInvalid: 'quarantine' });
    const other = createWriteHandler(influxd.url, quarantining.sink, { instance: 'influxdb-0' });
    const otherUrl = await serve(other);
    const partly = await send(otherUrl, 'POST', '/write?db=db_0&precision=ms', `m\x01 v 1\nm v=1 ${nowMs}\n`);
    expect(partly).toMatchObject({ status: 400, body: expect.stringContaining('partial write') });
    expect(await quarantining.lines()).toEqual([`db_0/~default m v=1 ${nowMs}`]);
    expect(await contents(influxd, 'db_0')).toHaveLength(1);
  });

  it('get the same answer as from InfluxDB if the database or the policy does not exist', async () => {
    const direct = await send(influxd.url, 'POST', '/write?db=nowhere', 'm v=1 1000000');
    const through = await send(url, 'POST', '/write?db=nowhere', 'm v=1 1000000');
    expect(through).toMatchObject({ status: direct.status, body: direct.body });
    const noPolicy = await send(url, 'POST', '/write?db=db_0&rp=nowhere', 'm v=1 1000000');
    expect(noPolicy).toMatchObject({ status: 500, body: expect.stringContaining('retention policy not found') });
  });
});
