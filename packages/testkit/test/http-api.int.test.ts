import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { influxdAvailable, isVersion, query, startInfluxd, writeRaw } from '../src/index';

/** Proves what Ceres relies on in InfluxDB's HTTP API. The answers to writes are tested in `influx-http`. */
describe.skipIf(!(await influxdAvailable()))('the HTTP API of InfluxDB 1.x', async () => {
  const influxd = await startInfluxd();
  afterAll(() => influxd.stop());
  beforeAll(() => query(influxd.url, '', 'CREATE DATABASE db'));

  const ask = (q: string, database = 'db') => query(influxd.url, database, q);
  const times = async (measurement: string) =>
    (await ask(`SELECT v FROM ${measurement}`)).flatMap(({ values }) => values.map(([time]) => time));

  const isBefore1_8 = isVersion(influxd.version, { before: '1.8' });

  it.skipIf(isBefore1_8).each(['us', 'µ', 'seconds'])(
    'refuses the precision %j (InfluxDB from 1.8 on)',
    async (word) => {
      expect(await writeRaw(influxd.url, 'db', 'm v=1 1', { precision: word })).toMatchObject({
        status: 400,
        body: expect.stringContaining('invalid precision'),
      });
    },
  );

  it.skipIf(!isBefore1_8).each(['ns', 'us', 'µ', 'seconds', ''])(
    'takes the precision %j for nanoseconds without reporting an error (InfluxDB before 1.8)',
    async (precision) => {
      const measurement = `precision_${Buffer.from(precision).toString('hex')}`;
      expect(await writeRaw(influxd.url, 'db', `${measurement} v=1 1`, { precision })).toEqual({
        status: 204,
        body: '',
      });
      expect(await times(measurement)).toEqual(['1970-01-01T00:00:00.000000001Z']);
    },
  );

  /** Posts a body in chunks, unlike `fetch`, which would declare its length. */
  function post(chunks: readonly Buffer[], headers: Readonly<Record<string, string>>): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = request(`${influxd.url}/write?db=db&precision=s`, {
        method: 'POST',
        headers,
        insecureHTTPParser: true,
      });
      sent.once('error', reject).once('response', (response) => {
        text(response).then(() => resolve(response.statusCode ?? 0), reject);
      });
      for (const chunk of chunks) sent.write(chunk);
      sent.end();
    });
  }

  it('accepts a body in chunks of unknown length', async () => {
    expect(await post([Buffer.from('chunked v='), Buffer.from('1 1\n')], {})).toBe(204);
    expect(await times('chunked')).toHaveLength(1);
  });

  it('accepts a whole backup file unchanged, with several gzip members and with comments', async () => {
    const file =
      '# DML\n# CONTEXT-DATABASE: elsewhere\n# CERES-FORMAT: 1\nwhole v=1 1\nwhole v=2 2\n# CERES-END: lines=2\n';
    const members = [gzipSync(file.slice(0, 60)), gzipSync(file.slice(60))];
    expect(await post(members, { 'content-encoding': 'gzip' })).toBe(204);
    expect(await times('whole')).toHaveLength(2);
  });

  it('does not decode deflate', async () => {
    await post([deflateSync('deflated v=1 1\n')], { 'content-encoding': 'deflate' });
    expect(await times('deflated')).toEqual([]);
  });

  it.each([
    ['/ping', 204],
    ['/health', isBefore1_8 ? 404 : 200],
    ['/api/v2/write', isBefore1_8 ? 404 : 405],
  ])('answers %s with %i', async (path, status) => {
    expect((await fetch(influxd.url + path)).status).toBe(status);
  });

  it('answers a bad line that holds a control character with a header that strict parsers refuse', async () => {
    const answer = fetch(`${influxd.url}/write?db=db`, { method: 'POST', body: 'bad\u0001line' });
    await expect(answer).rejects.toMatchObject({ cause: { code: 'HPE_INVALID_HEADER_TOKEN' } });
  });

  it('counts the values of each field, and not the points', async () => {
    await writeRaw(influxd.url, 'db', 'counted a=1 1\ncounted a=1,b=1 2\ncounted b=1 3\ncounted b=1 4');
    const [series] = await ask('SELECT count(*) FROM counted');
    expect(series?.values[0]?.slice(1)).toEqual([2, 3]);
  });

  it('writes an int64 with all its digits in JSON and in CSV, and does not distinguish 1 from 1.0 in either', async () => {
    await writeRaw(influxd.url, 'db', 'digits i=9223372036854775807i,j=1i,f=1 1');
    const parameters = new URLSearchParams({ db: 'db', q: 'SELECT i, j, f FROM digits', epoch: 'ns' });
    const answer = async (accept: string) =>
      (await fetch(`${influxd.url}/query?${parameters}`, { headers: { accept } })).text();
    expect(await answer('application/json')).toContain('[1,9223372036854775807,1,1]');
    expect(await answer('application/csv')).toContain('digits,,1,9223372036854775807,1,1');
  });

  it('does not show in CSV that a statement failed, which is why Ceres reads JSON', async () => {
    const parameters = new URLSearchParams({ db: 'db', q: 'SELECT v FROM nowhere..m' });
    const response = await fetch(`${influxd.url}/query?${parameters}`, { headers: { accept: 'application/csv' } });
    expect([response.status, (await response.text()).trim()]).toEqual([200, '']);
    await expect(ask('SELECT v FROM nowhere..m')).rejects.toThrow('database not found');
  });

  it('refuses a slash or a backslash in the name of a database', async () => {
    await expect(ask('CREATE DATABASE "a/b"')).rejects.toThrow('invalid name');
    await expect(ask('CREATE DATABASE "a\\\\b"')).rejects.toThrow('invalid name');
  });

  it('drops continuous queries together with their database, but keeps them if only the shards are dropped', async () => {
    const queries = async () =>
      (await ask('SHOW CONTINUOUS QUERIES')).find(({ name }) => name === 'wiped')?.values.map(([name]) => name);
    const select = 'SELECT mean(v) INTO wiped..means FROM wiped..m GROUP BY time(1h)';
    const create = `CREATE CONTINUOUS QUERY cq ON wiped BEGIN ${select} END`;
    await ask('CREATE DATABASE wiped');
    await ask(create);
    await writeRaw(influxd.url, 'wiped', 'm v=1 1');

    const shards = (await ask('SHOW SHARDS')).find(({ name }) => name === 'wiped');
    for (const row of shards?.values ?? []) await ask(`DROP SHARD ${row[shards?.columns.indexOf('id') ?? 0]}`);
    expect(await ask('SELECT v FROM m', 'wiped')).toEqual([]);
    expect(await queries()).toEqual(['cq']);
    expect((await writeRaw(influxd.url, 'wiped', 'm v=2 1')).status).toBe(204);
    expect(await ask('SELECT v FROM m', 'wiped')).toHaveLength(1);

    await ask('DROP DATABASE wiped');
    await ask('CREATE DATABASE wiped');
    expect(await queries()).toEqual([]);
  });
});
