import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { answerWith } from '../fake-influx';
import { startHandler } from './tools/start-handler';

const line = 'cpu,host=a v=1 1700000000';

describe('a write through the handler', () => {
  it('is backed up and forwarded, the same lines to both', async () => {
    const { post, fake, lines } = await startHandler();
    const answer = await post('/write?db=db_0&rp=rp_5d&precision=s', line);
    expect(answer.status).toBe(204);
    expect(fake.seen).toMatchObject([
      {
        path: '/write',
        query: { db: 'db_0', rp: 'rp_5d', precision: 'n' },
        body: 'cpu,host=a v=1 1700000000000000000\n',
      },
    ]);
    expect(await lines()).toEqual(['db_0/rp_5d cpu,host=a v=1 1700000000000000000']);
  });

  it.each([
    ['/write?db=db_0&rp=', 'db_0/~default'],
    ['/write?db=db_0', 'db_0/~default'],
    ['/write?db=db_0&rp=a%2Fb', 'db_0/a%2Fb'],
    ['/api/v2/write?org=x&bucket=db_0%2Frp_5d', 'db_0/rp_5d'],
    ['/api/v2/write?bucket=db_0/', 'db_0/~default'],
    ['/api/v2/write?bucket=db_0', 'db_0/~default'],
    ['/api/v3/write_lp?db=db_0', 'db_0/~default'],
    ['http://elsewhere:8086/write?db=db_0', 'db_0/~default'],
    ['/write/?db=db_0', 'db_0/~default'],
    ['//write?db=db_0', 'db_0/~default'],
    ['/%77rite?db=db_0', 'db_0/~default'],
    ['/x/../write?db=db_0', 'db_0/~default'],
  ])('goes to the right place: %s', async (path, where) => {
    const { post, fake, lines } = await startHandler();
    expect((await post(path, 'm v=1 5')).status).toBe(204);
    expect(fake.seen).toMatchObject([{ path: '/write', query: { db: 'db_0', precision: 'n' } }]);
    expect(await lines()).toEqual([`${where} m v=1 5`]);
  });

  it.each([
    ['names a second database', '/write?db=db_0&db=db_1', 'm v=1 5', 'db_0'],
    ['hides one in the name of the first', '/write?db=db_0%26db%3Ddb_1', 'm v=1 5', 'db_0%26db%3Ddb_1'],
    ['names one as the importer would', '/write?db=db_0', '# DML\n# CONTEXT-DATABASE: db_1\nm v=1 5', 'db_0'],
    ['names one as a form would', '/write?db=db_0', 'm v=1 5\n#&db=db_1', 'db_0'],
  ])('that %s goes to one only, the same on both sides', async (_, path, body, where) => {
    const { post, fake, lines } = await startHandler();
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect((await post(path, body, form)).status).toBe(204);
    expect(fake.seen.map(({ query, body: sent }) => [query.db, sent])).toEqual([
      [decodeURIComponent(where), 'm v=1 5\n'],
    ]);
    expect(await lines()).toEqual([`${where}/~default m v=1 5`]);
  });

  it.each([
    ['/write?precision=', 5n],
    ['/write?precision=n', 5n],
    ['/write?precision=ns', 5n],
    ['/write?precision=u', 5_000n],
    ['/write?precision=ms', 5_000_000n],
    ['/write?precision=s', 5_000_000_000n],
    ['/write?precision=m', 300_000_000_000n],
    ['/write?precision=h', 18_000_000_000_000n],
    ['/api/v2/write?precision=ns', 5n],
    ['/api/v2/write?precision=us', 5_000n],
    ['/api/v2/write?precision=s', 5_000_000_000n],
    ['/api/v3/write_lp?precision=us', 5_000n],
    ['/api/v3/write_lp?precision=microsecond', 5_000n],
  ])('means what it says by %s', async (path, ns) => {
    const { post, fake, lines } = await startHandler();
    await post(`${path}&db=db_0&bucket=db_0`, 'm v=1 5');
    expect(fake.writes()).toMatchObject([{ query: { precision: 'n' }, body: `m v=1 ${ns}\n` }]);
    expect(await lines()).toEqual([`db_0/~default m v=1 ${ns}`]);
  });

  it('may be gzip with several members', async () => {
    const { post, lines } = await startHandler();
    const body = Buffer.concat([gzipSync('m v=1 1\nm v'), gzipSync('=2 2\n')]);
    expect((await post('/write?db=db_0', body, { 'content-encoding': 'gzip' })).status).toBe(204);
    expect(await lines()).toEqual(['db_0/~default m v=1 1', 'db_0/~default m v=2 2']);
  });

  it.each(['identity', 'utf-8', 'UTF-8', '8bit', '', 'deflate', 'br', 'none, utf-8', 'GZIP', 'Gzip'])(
    'is stored if its body is plain, whatever Content-Encoding says: %j',
    async (encoding) => {
      const { post, fake, lines } = await startHandler();
      expect((await post('/write?db=db_0', 'm,h=é v="ü" 5', { 'content-encoding': encoding })).status).toBe(204);
      expect(fake.writes()).toMatchObject([{ body: 'm,h=é v="ü" 5\n' }]);
      expect(fake.writes()[0]?.headers).not.toHaveProperty('content-encoding');
      expect(await lines()).toEqual(['db_0/~default m,h=é v="ü" 5']);
    },
  );

  it("carries the client's credentials and headers, but not those of its connection", async () => {
    const { post, fake } = await startHandler();
    const headers = {
      authorization: 'Basic YTpi',
      'x-request-id': '7',
      connection: 'x-private, close',
      'x-private': '1',
      te: 'gzip',
    };
    await post('/write?db=db_0&u=me&p=secret&consistency=all&other=1', 'm v=1 1', headers);
    expect(fake.seen).toMatchObject([
      {
        query: { u: 'me', p: 'secret', consistency: 'all' },
        headers: { authorization: 'Basic YTpi', 'x-request-id': '7' },
      },
    ]);
    expect(fake.seen[0]?.query).not.toHaveProperty('other');
    expect(fake.seen[0]?.headers).not.toHaveProperty('x-private');
    expect(fake.seen[0]?.headers).not.toHaveProperty('te');
  });

  it("carries a v2 client's user:password in the form that every 1.x server knows", async () => {
    const { post, fake } = await startHandler();
    await post('/api/v2/write?bucket=db_0', 'm v=1 1', { authorization: 'Token me:pass:word' });
    const basic = Buffer.from('me:pass:word').toString('base64');
    expect(fake.seen[0]?.headers.authorization).toBe(`Basic ${basic}`);
  });

  it('carries a password that is not ASCII byte for byte, as the servers that know Token read it', async () => {
    const { post, fake } = await startHandler();
    // Node sends the head in latin1, but not together with a body of text.
    const authorization = Buffer.from('Token me:päss€').toString('latin1');
    await post('/api/v2/write?bucket=db_0', Buffer.from('m v=1 1'), { authorization });
    expect(fake.seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:päss€').toString('base64')}`);
  });

  it.each(['authorization', 'Cookie', 'x-api-key, authorization'])(
    'keeps its credentials if Connection names them: %s',
    async (named) => {
      const { post, fake } = await startHandler();
      const credentials = { authorization: 'Basic YTpi', cookie: 'a=b', 'x-api-key': 'c' };
      expect((await post('/write?db=db_0', 'm v=1 1', { ...credentials, connection: named })).status).toBe(204);
      expect(fake.seen).toMatchObject([{ headers: credentials }]);
    },
  );

  it("gets InfluxDB's own answer", async () => {
    const { post, lines } = await startHandler((_, response) => {
      response.writeHead(400, { 'x-influxdb-error': 'field type conflict', 'x-influxdb-version': '1.6.7' });
      response.end('{"error":"field type conflict"}\n');
    });
    const answer = await post('/write?db=db_0', 'm v=1 1');
    expect(answer).toMatchObject({
      status: 400,
      headers: { 'x-influxdb-error': 'field type conflict', 'x-influxdb-version': '1.6.7' },
      body: '{"error":"field type conflict"}\n',
    });
    expect(await lines()).toHaveLength(1);
  });

  it('gets an answer whose header is illegal', async () => {
    const { post } = await startHandler((_, response) => {
      response.socket?.end(
        'HTTP/1.1 400 Bad Request\r\nX-Influxdb-Error: bad \x01 line\r\nContent-Length: 3\r\n\r\nbad',
      );
    });
    const answer = await post('/write?db=db_0', 'm v=1 1');
    expect(answer).toMatchObject({ status: 400, headers: { 'x-influxdb-error': 'bad   line' }, body: 'bad' });
  });

  it('of nothing gets what InfluxDB answers to that', async () => {
    const { post, fake, lines } = await startHandler(answerWith(400, { error: 'nothing' }));
    expect((await post('/write?db=db_0', '# only a comment\n')).status).toBe(400);
    expect(fake.writes()).toMatchObject([{ body: '# only a comment\n' }]);
    expect(await lines()).toEqual([]);
  });

  it('does not send on what the sink quarantines, and tells the client', async () => {
    const { post, fake, lines, quarantine } = await startHandler(undefined, { onInvalid: 'quarantine' });
    const answer = await post('/write?db=db_0', 'm v=1 1\nbad\nm v=2 2\n');
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).error).toMatch(/^partial write: unable to parse 'bad': .* dropped=0$/);
    expect(fake.writes()).toMatchObject([{ body: 'm v=1 1\nm v=2 2\n' }]);
    expect(await lines()).toHaveLength(2);
    expect(await quarantine()).toContain('db_0/~default bad');
  });
});
