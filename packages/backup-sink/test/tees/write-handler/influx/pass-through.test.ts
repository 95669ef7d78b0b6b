import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { cutOff, type SeenRequest, type startFakeInflux } from '../../fake-influx';
import { send, sendRaw } from '../tools/client';
import { startHandler } from '../tools/start-handler';

describe('a request that is not a write', () => {
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

  it('is streamed: the first rows arrive before the last are made', async () => {
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
    const asked = new EventEmitter();
    const closed = once(asked, 'close');
    const { url } = await startHandler((_, response) => {
      response.once('close', () => asked.emit('close'));
      asked.emit('request');
    });
    await sendRaw(url, 'GET /query HTTP/1.1\r\nHost: x\r\n\r\n', once(asked, 'request'));
    await closed;
  });

  it('breaks off at once when the answer of InfluxDB ends before its declared length', async () => {
    const { url, post } = await startHandler(cutOff);
    await expect(send(url, 'GET', '/query?q=x')).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(post('/write?db=d', 'm v=1 1')).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('is answered 502 when InfluxDB is down', async () => {
    const { url, fake } = await startHandler();
    await fake.stop();
    expect((await send(url, 'GET', '/ping')).status).toBe(502);
  });

  const write = 'POST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\nforged v=1 1';
  const chunked = `${write.length.toString(16)}\r\n${write}\r\n0\r\n\r\n`;

  it.each(
    ['GET', 'DELETE', 'OPTIONS', 'POST'].flatMap((method) => [
      [method, 'in chunks', 'Connection: close\r\nTransfer-Encoding: chunked', chunked],
      [method, 'behind a hidden length', `Connection: close, Content-Length\r\nContent-Length: ${write.length}`, write],
    ]),
  )(
    '%s with a write as its body %s, as one request: none is smuggled past the backup',
    async (method, _, head, body) => {
      const { url, fake } = await startHandler(echo);
      expect(await sendRaw(url, `${method} /ping HTTP/1.1\r\nHost: x\r\n${head}\r\n\r\n${body}`)).toMatch(
        /^HTTP\/1.1 200 /,
      );
      expect(fake.seen).toMatchObject([{ method, path: '/ping', body: write }]);
    },
  );
});
