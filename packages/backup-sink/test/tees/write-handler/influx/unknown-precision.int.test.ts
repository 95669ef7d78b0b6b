import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWriteHandler } from '../../../../src/index';
import { internalsOf } from '../../../../src/internals';
import { openTestSink } from '../../backup';
import { send } from '../tools/client';
import { serve } from '../tools/serve';
import { startHandler } from '../tools/start-handler';

const words = ['us', 'µ', 'NS'];
const write = (word: string) => `/write?db=db_0&precision=${encodeURIComponent(word)}`;
/** What influxdb1-client for Go sends with `Precision: "us"`: nanoseconds. */
const line = 'm v=1 1700000000123456789';

/** Starts a handler in front of a server that names its version in every answer. */
function startBefore(version: string | undefined) {
  return startHandler((_, response) => {
    response.writeHead(204, version === undefined ? {} : { 'x-influxdb-version': version }).end();
  });
}

describe.each(words)('a write with precision=%s', (word) => {
  it.each(['1.6.7~rc0', '1.7.11', 'v1.7.0'])('is in nanoseconds in front of %s, as there', async (version) => {
    const { post, fake, lines } = await startBefore(version);
    expect((await post(write(word), line)).status).toBe(204);
    expect(fake.writes()).toMatchObject([{ query: { precision: 'n' }, body: `${line}\n` }]);
    expect(await lines()).toEqual([`db_0/~default ${line}`]);
  });

  it.each(['1.8.10', '1.11.8', '1.12.4', '2.7.1', undefined])(
    'is refused in front of %s, in its words',
    async (version) => {
      const { post, fake, lines } = await startBefore(version);
      const answer = await post(write(word), line);
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toEqual({ error: `invalid precision "${word}" (use n, u, ms, s, m or h)` });
      expect(fake.writes()).toEqual([]);
      expect(await lines()).toEqual([]);
    },
  );
});

describe('a write with a precision that only the server can explain', () => {
  it('is answered 503 with Retry-After while the server is away and its version is not known', async () => {
    const { post, fake, sink, lines } = await startBefore('1.6.7');
    expect((await post('/write?db=db_0', line)).status).toBe(204);
    await internalsOf(sink)?.ownFiles.idle(); // the client is known now
    await fake.stop();
    const restarted = await serve(createWriteHandler(fake.url, sink, { instance: 'influxdb-0' }));
    expect(await send(restarted, 'POST', write('us'), line)).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      body: expect.stringContaining('precision'),
    });
    expect(await lines()).toHaveLength(1);
  });

  it('asks for the version once, and follows the server when it is upgraded', async () => {
    let version = '1.7.11';
    const { post, fake } = await startHandler((_, response) => {
      response.writeHead(204, { 'x-influxdb-version': version }).end();
    });
    for (let n = 0; n < 3; n += 1) expect((await post(write('us'), line)).status).toBe(204);
    expect(fake.seen.filter(({ path }) => path === '/ping')).toHaveLength(1);
    version = '1.8.10';
    await post('/write?db=db_0', line);
    expect((await post(write('us'), line)).status).toBe(400);
  });
});

describe.skipIf(!(await influxdAvailable()))('a write with an unknown precision, in front of a real InfluxDB,', () => {
  let influxd: Influxd;

  beforeAll(async () => {
    influxd = await startInfluxd();
    await query(influxd.url, '', 'CREATE DATABASE "db_0"');
    await query(influxd.url, '', 'CREATE DATABASE "db_1"');
  });
  afterAll(() => influxd?.stop());

  it.each(['us', 'ns', 'µ', 'xx'])('is answered and stored as by the server itself: %s', async (word) => {
    const { sink, lines } = await openTestSink();
    const url = await serve(createWriteHandler(influxd.url, sink, { instance: 'influxdb-0' }));
    const path = (database: string) => `/write?db=${database}&precision=${encodeURIComponent(word)}`;
    const through = await send(url, 'POST', path('db_0'), line);
    const direct = await send(influxd.url, 'POST', path('db_1'), line);
    expect(through.status).toBe(direct.status);
    expect(through.body).toBe(direct.body);
    const stored = async (database: string) => (await query(influxd.url, database, 'SELECT * FROM m'))[0]?.values;
    expect(await stored('db_0')).toEqual(await stored('db_1'));
    expect(await lines()).toHaveLength(direct.status === 204 ? 1 : 0);
  });
});
