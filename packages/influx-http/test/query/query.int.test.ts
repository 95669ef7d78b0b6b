import { influxdAvailable, openInfluxd, openInfluxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InfluxWriter, querySeries, type SeriesRow } from '../../src/index';
import { allRows } from '../rows';

describe.skipIf(!(await openInfluxdAvailable()))('a query on a real server', async () => {
  const influxd = await openInfluxd();
  const database = await influxd.createDatabase();
  const server = { url: influxd.url };
  afterAll(() => influxd.close());
  beforeAll(async () => {
    await write(
      'types i=9223372036854775807i,f=0.1,b=true,s="q\\"uo,te\nnew line \\\\ ☃" 1',
      'types i=-9223372036854775808i,f=1e300,b=false,s="" 2',
      'types f=5e-324 3',
      'tagged,a=x\\ y,b=c\\,d v=1 1',
      'tagged,b=z v=2 2',
      'weird\\,name\\ is v=1 1',
    );
    const many = Array.from({ length: 25_000 }, (_, i) => `many,t=${i % 3} v=${i}i,s="${'x'.repeat(i % 50)}" ${i}`);
    await write(...many);
  });

  async function write(...lines: string[]): Promise<void> {
    const writer = new InfluxWriter(server);
    const outcome = await writer.write(Buffer.from(lines.join('\n')), { database, precision: 'ns' });
    expect(outcome).toEqual({ kind: 'stored' });
    await writer.close();
  }

  it('yields every value as the server writes it: int64 with all digits, floats without loss, strings as stored', async () => {
    expect(await allRows(server, database, 'SELECT i, f, b, s FROM types')).toEqual([
      ['types', '', '1', '9223372036854775807', '0.1', 'true', 'q"uo,te\nnew line \\ ☃'],
      ['types', '', '2', '-9223372036854775808', '1e+300', 'false', ''],
      ['types', '', '3', '', '5e-324', '', ''],
    ]);
  });

  it('tells null from the empty string in querySeries', async () => {
    const rows: SeriesRow[] = [];
    for await (const row of querySeries(server, database, 'SELECT f, s FROM types')) rows.push(row);
    expect(rows.map(({ values }) => values)).toEqual([
      ['1', '0.1', 'q"uo,te\nnew line \\ ☃'],
      ['2', '1e+300', ''],
      ['3', '5e-324', null],
    ]);
    expect(rows[0]?.columns).toEqual(['time', 'f', 's']);
  });

  it('yields tags as in a series key, without those that a series lacks', async () => {
    expect(await allRows(server, database, 'SELECT v FROM tagged GROUP BY *')).toEqual([
      ['tagged', 'b=z', '2', '2'],
      ['tagged', 'a=x\\ y,b=c\\,d', '1', '1'],
    ]);
    const [row] = await allRows(server, database, 'SELECT v FROM "weird,name is"');
    expect(row?.[0]).toBe('weird,name is');
  });

  it('yields all rows of an answer of many chunks, once each', async () => {
    const rows = await allRows(server, database, 'SELECT v, s FROM many GROUP BY t');
    expect(rows).toHaveLength(25_000);
    for (const [, tags, time, v, s] of rows) {
      const i = Number(time);
      expect([tags, v, s]).toEqual([`t=${i % 3}`, String(i), 'x'.repeat(i % 50)]);
    }
  });

  it('yields the rows of statements without times, and of several statements in turn', async () => {
    expect(await allRows(server, database, 'SHOW TAG KEYS FROM tagged; SHOW FIELD KEYS FROM tagged')).toEqual([
      ['tagged', '', 'a'],
      ['tagged', '', 'b'],
      ['tagged', '', 'v', 'float'],
    ]);
    expect(await allRows(server, database, 'SELECT v FROM nothing')).toEqual([]);
  });

  it.each([
    ['a query that does not parse', 'SELECT FROM', 0],
    ['a missing database, which CSV would hide', 'SELECT v FROM nope..m', 0],
    ['a second statement that fails, after the rows of the first', 'SELECT v FROM tagged; SELECT v FROM nope..m', 2],
  ])('throws QUERY_FAILED for %s', async (_, text, rowsBefore) => {
    let rows = 0;
    const reading = (async () => {
      for await (const _row of querySeries(server, database, text)) rows += 1;
    })();
    await expect(reading).rejects.toMatchObject({ name: 'InfluxHttpError', code: 'QUERY_FAILED', retryable: false });
    expect(rows).toBe(rowsBefore);
  });

  it('may be left early', async () => {
    for await (const row of querySeries(server, database, 'SELECT v FROM many')) {
      expect(row.name).toBe('many');
      break;
    }
  });

  it('ends with the reason of its signal', async () => {
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of querySeries(server, database, 'SELECT v FROM many', { signal: controller.signal })) {
        controller.abort(new Error('enough'));
      }
    })();
    await expect(reading).rejects.toThrow('enough');
  });
});

describe.skipIf(!(await influxdAvailable()))('a query whose server is killed', () => {
  it('throws in the middle of its answer', async () => {
    const doomed = await startInfluxd();
    await query(doomed.url, '', 'CREATE DATABASE db');
    const writer = new InfluxWriter({ url: doomed.url });
    const lines = Array.from({ length: 200_000 }, (_, i) => `many v="${'x'.repeat(50)}" ${i}`).join('\n');
    await writer.write(Buffer.from(lines), { database: 'db', precision: 'ns' });
    await writer.close();
    let rows = 0;
    const reading = (async () => {
      for await (const _ of querySeries({ url: doomed.url }, 'db', 'SELECT v FROM many')) {
        rows += 1;
        if (rows === 10) await doomed.kill();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'UNREACHABLE', retryable: true });
    expect(rows).toBeLessThan(200_000);
    await doomed.stop();
  });
});
