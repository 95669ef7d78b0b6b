import { gzipSync } from 'node:zlib';
import { MemoryStorage } from '@ceres/storage';
import { describe, expect, it, vi } from 'vitest';
import { createWriteHandler, teeStats } from '../../src/index';
import { afterTest, openTestSink } from './backup';
import { answerWith, type SeenRequest, startFakeInflux } from './fake-influx';
import { send, sendRaw, serve, startHandler } from './handler';

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
    ['', 5n],
    ['n', 5n],
    ['ns', 5n],
    ['u', 5_000n],
    ['us', 5_000n],
    ['%C2%B5', 5_000n],
    ['ms', 5_000_000n],
    ['s', 5_000_000_000n],
    ['m', 300_000_000_000n],
    ['h', 18_000_000_000_000n],
  ])('means what it says by precision=%s', async (word, ns) => {
    const { post, fake, lines } = await startHandler();
    await post(`/write?db=db_0&precision=${word}`, 'm v=1 5');
    expect(fake.seen).toMatchObject([{ query: { precision: 'n' }, body: `m v=1 ${ns}\n` }]);
    expect(await lines()).toEqual([`db_0/~default m v=1 ${ns}`]);
  });

  it('may be gzip, in several members', async () => {
    const { post, lines } = await startHandler();
    const body = Buffer.concat([gzipSync('m v=1 1\nm v'), gzipSync('=2 2\n')]);
    expect((await post('/write?db=db_0', body, { 'content-encoding': 'gzip' })).status).toBe(204);
    expect(await lines()).toEqual(['db_0/~default m v=1 1', 'db_0/~default m v=2 2']);
  });

  it('carries the credentials and headers of the client, and not those of its connection', async () => {
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

  it("turns a v2 client's user:password into what every 1.x server knows", async () => {
    const { post, fake } = await startHandler();
    await post('/api/v2/write?bucket=db_0', 'm v=1 1', { authorization: 'Token me:pass:word' });
    const basic = Buffer.from('me:pass:word').toString('base64');
    expect(fake.seen[0]?.headers.authorization).toBe(`Basic ${basic}`);
  });

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

  it('survives an answer whose header is illegal', async () => {
    const { post } = await startHandler((_, response) => {
      response.socket?.end(
        'HTTP/1.1 400 Bad Request\r\nX-Influxdb-Error: bad \x01 line\r\nContent-Length: 3\r\n\r\nbad',
      );
    });
    const answer = await post('/write?db=db_0', 'm v=1 1');
    expect(answer).toMatchObject({ status: 400, headers: { 'x-influxdb-error': 'bad   line' }, body: 'bad' });
  });

  it('that says nothing gets what InfluxDB says to that', async () => {
    const { post, fake, lines } = await startHandler(answerWith(400, { error: 'nothing' }));
    expect((await post('/write?db=db_0', '# only a comment\n')).status).toBe(400);
    expect(fake.writes()).toMatchObject([{ body: '# only a comment\n' }]);
    expect(await lines()).toEqual([]);
  });

  it('leaves out what the sink quarantines, and the client hears of it', async () => {
    const { post, fake, lines, quarantine } = await startHandler(undefined, { onInvalid: 'quarantine' });
    const answer = await post('/write?db=db_0', 'm v=1 1\nbad\nm v=2 2\n');
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body).error).toMatch(/^partial write: .*records 2;.*quarantine/);
    expect(fake.writes()).toMatchObject([{ body: 'm v=1 1\nm v=2 2\n' }]);
    expect(await lines()).toHaveLength(2);
    expect(await quarantine()).toContain('db_0/~default bad');
  });
});

describe('when one side fails', () => {
  it('the sink: 503 with Retry-After, and InfluxDB is not asked', async () => {
    const { post, fake, sink } = await startHandler();
    await sink.close();
    const answer = await post('/write?db=db_0', 'm v=1 1');
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': expect.stringMatching(/^\d+$/) } });
    expect(JSON.parse(answer.body).error).toContain('InfluxDB was not asked');
    expect(fake.seen).toEqual([]);
  });

  it("the sink, with onSinkError 'continue': InfluxDB has the points, and it is counted", async () => {
    const { post, fake, sink, handler } = await startHandler(undefined, {}, { onSinkError: 'continue' });
    await sink.close();
    expect((await post('/write?db=db_0', 'm v=1 1')).status).toBe(204);
    expect(fake.writes()).toHaveLength(1);
    expect(teeStats(handler)).toMatchObject({ withoutBackup: 1 });
  });

  it('InfluxDB, by being down: 502, and 204 if the handler stores and forwards', async () => {
    for (const [onInfluxError, status] of [
      ['reject', 502],
      ['resolve', 204],
    ] as const) {
      const { post, lines, fake, handler } = await startHandler(undefined, {}, { onInfluxError });
      await fake.stop();
      expect((await post('/write?db=db_0', 'm v=1 1')).status).toBe(status);
      expect(await lines()).toHaveLength(1);
      expect(teeStats(handler)).toMatchObject({ influxErrors: 1 });
    }
  });

  it('InfluxDB, with a 5xx: its answer, and 204 if the handler stores and forwards', async () => {
    for (const [onInfluxError, status] of [
      ['reject', 500],
      ['resolve', 204],
    ] as const) {
      const { post, lines } = await startHandler(answerWith(500, { error: 'timeout' }), {}, { onInfluxError });
      expect((await post('/write?db=db_0', 'm v=1 1')).status).toBe(status);
      expect(await lines()).toHaveLength(1);
    }
  });

  it('InfluxDB, by a refusal: its answer, also if the handler stores and forwards', async () => {
    const { post } = await startHandler(answerWith(401, { error: 'no' }), {}, { onInfluxError: 'resolve' });
    expect((await post('/write?db=db_0', 'm v=1 1')).status).toBe(401);
  });

  it('InfluxDB, by silence: 504 after influxTimeoutMs', async () => {
    const { post, lines } = await startHandler(() => undefined, {}, { influxTimeoutMs: 50 });
    const answer = await post('/write?db=db_0', 'm v=1 1');
    expect(answer.status).toBe(504);
    expect(JSON.parse(answer.body).error).toContain('the points are backed up');
    expect(await lines()).toHaveLength(1);
  });
});

describe('a client that leaves', () => {
  const head = 'POST /write?db=db_0 HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n';

  it('while InfluxDB is asked takes nothing back: both sides get the write', async () => {
    const { url, handler, lines } = await startHandler((_, response) => {
      setTimeout(() => response.writeHead(204).end(), 150);
    });
    await sendRaw(url, `${head}m v=1 5`, { hangUpAfterMs: 75 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(teeStats(handler)).toMatchObject({ writes: 1, influxErrors: 0 });
    expect(await lines()).toEqual(['db_0/~default m v=1 5']);
  });

  it('while the spool is full waits no longer: neither side gets the write', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const storage = new MemoryStorage();
    const gated = { put: (...args: Parameters<typeof storage.put>) => gate.then(() => storage.put(...args)) };
    const { url, sink, fake } = await startHandler(undefined, {
      storage: gated,
      spoolBytesMax: 4096,
      segmentBytesMax: 1024,
    });
    const line = `m v="${'x'.repeat(500)}" 1`;
    const filling = new AbortController();
    let accepted = -1;
    while (accepted < sink.stats().acceptedLines) {
      accepted = sink.stats().acceptedLines;
      const to = { instance: 'influxdb-0', database: 'db_0' };
      const write = sink.write(to, { lines: line, precision: 'ns' }, { signal: filling.signal });
      await Promise.race([write.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, 100))]);
    }
    filling.abort();
    await sendRaw(url, `${head.replace('7', String(line.length))}${line}`, { hangUpAfterMs: 50 });
    release();
    await sink.flush();
    await new Promise((resolve) => setTimeout(resolve, 100)); // Room enough now for whoever still waits.
    expect(sink.stats().acceptedLines).toBe(accepted);
    expect(fake.seen).toEqual([]);
  });
});

describe('a bad write is refused before either side has anything:', () => {
  it.each<[string, string, string | Uint8Array, Record<string, string>, number, RegExp]>([
    ['no db', '/write', line, {}, 400, /^database is required$/],
    ['no bucket', '/api/v2/write?org=x', line, {}, 400, /bucket is required/],
    [
      'an unknown precision',
      '/write?db=d&precision=us1',
      line,
      {},
      400,
      /"us1".*ns \(or n\), us \(or u\), ms, s, m, h/,
    ],
    ['a line that does not parse', '/write?db=d', 'm v=1 1\nbad', {}, 400, /record 1/],
    ['bad gzip', '/write?db=d', 'not gzip', { 'content-encoding': 'gzip' }, 400, /gzip/],
    ['cut gzip', '/write?db=d', gzipSync('m v=1 1\n').subarray(0, 20), { 'content-encoding': 'gzip' }, 400, /gzip/],
    [
      'gzip with garbage after it',
      '/write?db=d',
      Buffer.concat([gzipSync('m v=1 1\n'), Buffer.from('xx')]),
      { 'content-encoding': 'gzip' },
      400,
      /gzip/,
    ],
    ['an encoding that InfluxDB lacks', '/write?db=d', 'x', { 'content-encoding': 'deflate' }, 415, /gzip/],
    ['a body that is too long', '/write?db=d', `m v="${'x'.repeat(2000)}" 1`, {}, 413, /bodyBytesMax/],
    [
      'a body that inflates too far',
      '/write?db=d',
      gzipSync(`m v="${'x'.repeat(10_000)}" 1`),
      { 'content-encoding': 'gzip' },
      413,
      /inflatedBytesMax/,
    ],
    ['a line feed in a database', '/write?db=a%0A%23+CONTEXT-DATABASE:+b', line, {}, 400, /control character/],
    ['a line feed in a policy', '/write?db=a&rp=a%0Ab', line, {}, 400, /control character/],
    ['Prometheus remote write', '/api/v1/prom/write?db=d', 'x', {}, 501, /line protocol/],
  ])('%s', async (_, path, body, headers, status, message) => {
    const { post, fake, lines } = await startHandler(undefined, {}, { bodyBytesMax: 1000, inflatedBytesMax: 5000 });
    const answer = await post(path, body, headers);
    expect(answer.status).toBe(status);
    const { error, message: v2Message } = JSON.parse(answer.body);
    expect(error ?? v2Message).toMatch(message);
    expect(fake.seen).toEqual([]);
    expect(await lines()).toEqual([]);
  });

  it('a chunked body that is too long, without waiting for its end', async () => {
    const { url, fake } = await startHandler(undefined, {}, { bodyBytesMax: 1000 });
    const chunk = 'm v=1 1\n'.repeat(100);
    const head = 'POST /write?db=d HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n';
    const answer = await sendRaw(url, `${head}${`${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(3)}`);
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(fake.seen).toEqual([]);
  });

  it('an upload that breaks off', async () => {
    const { url, fake, lines, sink } = await startHandler();
    const head = 'POST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n';
    expect(await sendRaw(url, `${head}m v=1 1\n`, { hangUpAfterMs: 50 })).toBe('');
    expect(fake.seen).toEqual([]);
    expect(await lines()).toEqual([]);
    expect(sink.stats().acceptedLines).toBe(0);
  });

  it('both a length and chunks, the way that requests are smuggled', async () => {
    const { url, fake } = await startHandler();
    const smuggled = '0\r\n\r\nPOST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nforged v=1';
    const head = 'POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await sendRaw(url, head + smuggled)).toMatch(/^HTTP\/1.1 400 /);
    expect(fake.seen).toEqual([]);
  });

  it('more bodies at once than memory is set aside for: 503, and later again', async () => {
    const { url, post, lines } = await startHandler(undefined, {}, { bodyBytesMax: 1000, inflatedBytesMax: 1000 });
    const head = 'POST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n';
    const stalled = [1, 2].map(() => sendRaw(url, `${head}${'#'.repeat(800)}`, { hangUpAfterMs: 200 }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const body = `${'#'.repeat(500)}\nm v=1 1\n`;
    expect(await post('/write?db=d', body)).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.any(String) },
    });
    await Promise.all(stalled);
    expect((await post('/write?db=d', body)).status).toBe(204);
    expect(await lines()).toHaveLength(1);
  });

  it('a request whose body a parser has taken', async () => {
    const fake = await startFakeInflux();
    afterTest(() => fake.stop());
    const { sink } = await openTestSink();
    const handler = createWriteHandler({ sink, forward: fake.url, instance: 'influxdb-0' });
    const url = await serve(async (request, response) => {
      for await (const _ of request);
      await handler(request, response);
    });
    const answer = await send(url, 'POST', '/write?db=d', line);
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body).error).toContain('before it');
  });
});

describe('everything else passes through', () => {
  const echo = (request: SeenRequest, response: Parameters<NonNullable<Parameters<typeof startFakeInflux>[0]>>[1]) => {
    response.writeHead(200, { 'x-influxdb-version': '1.6.7' }).end(JSON.stringify({ ...request, headers: undefined }));
  };

  it.each([
    ['GET', '/ping', ''],
    ['GET', '/query?db=d&q=SHOW+DATABASES', ''],
    ['POST', '/query', 'q=CREATE+DATABASE+d'],
    ['GET', '/debug/vars', ''],
    ['GET', '/write?db=d', ''],
  ])('%s %s', async (method, path, body) => {
    const { url, lines } = await startHandler(echo);
    const answer = await send(url, method, path, body);
    const target = new URL(path, 'http://x');
    expect(answer).toMatchObject({ status: 200, headers: { 'x-influxdb-version': '1.6.7' } });
    expect(JSON.parse(answer.body)).toEqual({
      method,
      path: target.pathname,
      query: Object.fromEntries(target.searchParams),
      body,
    });
    expect(await lines()).toEqual([]);
  });

  it('as a stream: the first rows arrive before the last are made', async () => {
    let finish: () => unknown = () => undefined;
    const { url } = await startHandler((_, response) => {
      response.writeHead(200);
      response.write('first');
      finish = () => response.end('last');
    });
    const response = await fetch(`${url}/query`);
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first');
    finish();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('last');
  });

  it('ends at InfluxDB when the client leaves', async () => {
    const closed = vi.fn();
    const { url } = await startHandler((_, response) => void response.on('close', closed));
    await sendRaw(url, 'GET /query HTTP/1.1\r\nHost: x\r\n\r\n', { hangUpAfterMs: 50 });
    await vi.waitFor(() => expect(closed).toHaveBeenCalled());
  });

  it('with 502 when InfluxDB is down', async () => {
    const { url, fake } = await startHandler();
    await fake.stop();
    expect((await send(url, 'GET', '/ping')).status).toBe(502);
  });
});

describe('createWriteHandler refuses misuse and names the fix:', () => {
  it.each<[string, object, RegExp]>([
    ['no URL', { forward: 'influxdb' }, /needs 'forward'.*http:\/\/127.0.0.1:8086/],
    ['credentials of its own', { forward: 'http://me:secret@127.0.0.1' }, /passes on those of each client/],
    ['a misspelt option', { maxBodyBytes: 5 }, /no option "maxBodyBytes"/],
    ['a limit of nothing', { bodyBytesMax: 0 }, /bodyBytesMax is 0/],
  ])('%s', async (_, options, message) => {
    const { sink } = await openTestSink();
    const all = { sink, forward: 'http://127.0.0.1:8086', instance: 'i', ...options };
    expect(() => createWriteHandler(all)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.stringMatching(message) }),
    );
  });

  it('and does not repeat a password', async () => {
    const { sink } = await openTestSink();
    const forward = 'http://me:secret@127.0.0.1';
    expect(() => createWriteHandler({ sink, forward, instance: 'i' })).not.toThrow(/secret/);
  });
});
