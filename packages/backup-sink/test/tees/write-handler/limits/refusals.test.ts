import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createWriteHandler } from '../../../../src/index';
import { afterTest, openTestSink } from '../../backup';
import { startFakeInflux } from '../../fake-influx';
import { send, sendRaw } from '../tools/client';
import { serve } from '../tools/serve';
import { startHandler } from '../tools/start-handler';

const line = 'cpu,host=a v=1 1700000000';

describe('a bad write is refused before either side has anything:', () => {
  it.each<[string, string, string | Uint8Array, Record<string, string>, number, RegExp]>([
    ['no db', '/write', line, {}, 400, /^database is required$/],
    ['no bucket', '/api/v2/write?org=x', line, {}, 400, /bucket is required/],
    [
      'a precision that version 2 lacks',
      '/api/v2/write?bucket=d&precision=u',
      line,
      {},
      400,
      /"u" \(use ns, us, ms or s\)$/,
    ],
    ['a precision that version 3 lacks', '/api/v3/write_lp?db=d&precision=h', line, {}, 400, /invalid precision "h"/],
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
    [
      'a body in deflate',
      '/write?db=d',
      deflateSync('m v=1 1\n'),
      { 'content-encoding': 'deflate' },
      415,
      /'deflate'.*gzip/,
    ],
    [
      'a body in raw deflate',
      '/write?db=d',
      deflateRawSync('m v=1 1\n'),
      { 'content-encoding': 'deflate' },
      415,
      /gzip/,
    ],
    [
      'a body in Brotli',
      '/write?db=d',
      brotliCompressSync('m v=1 1\n'),
      { 'content-encoding': 'br' },
      415,
      /'br'.*gzip/,
    ],
    ['gzip under another name', '/write?db=d', gzipSync('m v=1 1\n'), { 'content-encoding': 'x-gzip' }, 415, /gzip/],
    ['gzip in gzip', '/write?db=d', gzipSync(gzipSync('m v=1 1\n')), { 'content-encoding': 'gzip, gzip' }, 415, /gzip/],
    ['a body in Zstandard', '/write?db=d', Buffer.from('28b52ffd', 'hex'), { 'content-encoding': 'zstd' }, 415, /gzip/],
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

  it('an upload that takes longer than the server allows, even if it never pauses', async () => {
    const slow = { requestTimeout: 200, headersTimeout: 200, connectionsCheckingInterval: 20 };
    const { url, fake, sink, arrival } = await startHandler(undefined, {}, {}, slow);
    const head = 'POST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n';
    expect(await sendRaw(url, `${head}m v=1 1\n`)).toMatch(/^HTTP\/1.1 408 /);
    await (await arrival()).handled;
    expect(fake.seen).toEqual([]);
    expect(sink.stats()).toMatchObject({ acceptedLines: 0, spooledBytes: 0 });
  });

  it('a request with a length and chunks, which is how requests are smuggled', async () => {
    const { url, fake } = await startHandler();
    const smuggled = '0\r\n\r\nPOST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nforged v=1';
    const head = 'POST /query HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await sendRaw(url, head + smuggled)).toMatch(/^HTTP\/1.1 400 /);
    expect(fake.seen).toEqual([]);
  });

  it('a plain body of which the first of two encodings says that it is gzip: 400, as InfluxDB answers it', async () => {
    const { url, fake } = await startHandler();
    const encodings = 'Content-Encoding: gzip\r\nContent-Encoding: identity\r\n';
    const head = `POST /write?db=d HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${encodings}Content-Length: 8\r\n\r\n`;
    expect(await sendRaw(url, `${head}m v=1 1\n`)).toMatch(/^HTTP\/1.1 400 /);
    expect(fake.writes()).toEqual([]);
  });

  it('a body whose chunks are encoded once more: 501, as InfluxDB answers it', async () => {
    const { url, fake, sink } = await startHandler();
    const head = 'POST /write?db=d HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n';
    expect(await sendRaw(url, `${head}8\r\nm v=1 1\n\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1.1 501 /);
    expect(fake.seen).toEqual([]);
    expect(sink.stats().acceptedLines).toBe(0);
  });

  it('a body for which there is no memory left: 503, until there is', async () => {
    const limits = { bodyBytesMax: 1000, inflatedBytesMax: 1000 };
    const { url, post, lines, arrival } = await startHandler(undefined, {}, limits);
    const head = 'POST /write?db=d HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n';
    const body = `${'#'.repeat(500)}\nm v=1 1\n`;
    const refused = Promise.all([0, 1].map(async (n) => (await arrival(n)).received(800))).then(() =>
      post('/write?db=d', body),
    );
    await Promise.all([0, 1].map(() => sendRaw(url, `${head}${'#'.repeat(800)}`, refused)));
    expect(await refused).toMatchObject({ status: 503, headers: { 'retry-after': expect.any(String) } });
    await Promise.all([0, 1].map(async (n) => (await arrival(n)).handled));
    expect((await post('/write?db=d', body)).status).toBe(204);
    expect(await lines()).toHaveLength(1);
  });

  it('a request whose body a parser has read', async () => {
    const fake = await startFakeInflux();
    afterTest(() => fake.stop());
    const { sink } = await openTestSink();
    const handler = createWriteHandler(fake.url, sink, { instance: 'influxdb-0' });
    const url = await serve(async (request, response) => {
      for await (const _ of request);
      await handler(request, response);
    });
    const answer = await send(url, 'POST', '/write?db=d', line);
    expect(answer.status).toBe(500);
    expect(JSON.parse(answer.body).error).toContain('before it');
  });
});
