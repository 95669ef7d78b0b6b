import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createWriteHandler } from '../../../../src/index';
import { afterTest, openTestSink } from '../../backup';
import { sendRaw } from '../tools/client';
import { serve } from '../tools/serve';

/** Starts a proxy as nginx is one: it decodes and normalizes paths, and offers InfluxDB under `/influx`. Returns what InfluxDB gets. */
async function startProxyWithPrefix() {
  const writes: string[] = [];
  const proxy = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const pathname = (request.url ?? '').split(/[?#]/)[0] ?? '';
    const seen = posix.normalize(decodeURIComponent(pathname).replaceAll('\\', '/')).replace(/\/$/, '');
    const body = Buffer.concat(chunks).toString();
    if (request.method === 'POST' && seen === '/influx/write' && body !== '') writes.push(body);
    response.writeHead(seen.startsWith('/influx/') ? 204 : 404).end();
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  afterTest(async () => {
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  });
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/influx`, writes };
}

describe('an InfluxDB under a path prefix', () => {
  it.each([
    '/write',
    '//write',
    '/x/../write',
    '/../influx/write',
    '/%2e%2e/influx/write',
    '/%2E./influx/write',
    '/..%2finflux/write',
    '//../influx/write',
    '/query/../../influx/write',
    '/..\\influx\\write',
    '/query\\..\\..\\influx\\write',
    '/x%5c..%5cwrite',
    '/x%2fy/../write',
    '/a//../write',
    '/write#x',
    '/write%23x',
    'http://elsewhere/../influx/write',
    'http://elsewhere/write',
  ])('gets no write past the backup by %s', async (path) => {
    const proxy = await startProxyWithPrefix();
    const { sink, lines } = await openTestSink();
    const url = await serve(createWriteHandler(proxy.url, sink, { instance: 'influxdb-0' }));
    const head = `POST ${path}?db=db_0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 7\r\n\r\n`;
    await sendRaw(url, `${head}m v=1 5`);
    const backedUp = (await lines()).map((line) => line.replace(/^\S+ /, ''));
    expect(backedUp).toEqual(expect.arrayContaining(proxy.writes.map((body) => body.trimEnd())));
  });

  it('gets a plain write, and the backup has it', async () => {
    const proxy = await startProxyWithPrefix();
    const { sink, lines } = await openTestSink();
    const url = await serve(createWriteHandler(proxy.url, sink, { instance: 'influxdb-0' }));
    const head = 'POST /write?db=db_0 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 7\r\n\r\n';
    expect(await sendRaw(url, `${head}m v=1 5`)).toMatch(/^HTTP\/1.1 204 /);
    expect(proxy.writes).toEqual(['m v=1 5\n']);
    expect(await lines()).toEqual(['db_0/~default m v=1 5']);
  });
});
