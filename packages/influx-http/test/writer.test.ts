import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { selfSigned } from '@ceres/testkit';
import { describe, expect, it, vi } from 'vitest';
import { type InfluxServer, InfluxWriter, type WriteOutcome } from '../src/index';
import { answer, hostileServer, httpServer } from './fake-server';

const to = { database: 'db', precision: 'ns' } as const;
const line = Buffer.from('m v=1 1\n');

/** Makes one write to a server that answers in this way. */
async function writeTo(
  onRequest: (socket: Socket) => void,
  options: Partial<InfluxServer> = {},
): Promise<WriteOutcome> {
  await using server = await hostileServer(onRequest);
  const writer = new InfluxWriter({ url: server.url, ...options });
  try {
    return await writer.write(line, to);
  } finally {
    await writer.close();
  }
}

describe('a write without an answer', () => {
  it('is UNREACHABLE and not ambiguous if there is no server', async () => {
    const { url } = await closedServer();
    const writer = new InfluxWriter({ url });
    const outcome = await writer.write(line, to);
    expect(outcome).toMatchObject({ kind: 'retry', code: 'UNREACHABLE', ambiguous: false });
    expect(outcome).toHaveProperty('message', expect.stringContaining('ECONNREFUSED'));
  });

  it('is UNREACHABLE and ambiguous if the connection is lost after sending began', async () => {
    const outcome = await writeTo((socket) => socket.destroy());
    expect(outcome).toMatchObject({ kind: 'retry', code: 'UNREACHABLE', ambiguous: true });
  });

  it('is UNREACHABLE and ambiguous if the answer is cut in the middle of its body', async () => {
    const outcome = await writeTo((socket) =>
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{"err'),
    );
    expect(outcome).toMatchObject({ kind: 'retry', code: 'UNREACHABLE', ambiguous: true });
  });

  it('is TIMEOUT and ambiguous if the server is silent, before or in the middle of its answer', async () => {
    const options = { idleTimeoutMs: 50 };
    const silent = await writeTo(() => {}, options);
    expect(silent).toMatchObject({ kind: 'retry', code: 'TIMEOUT', ambiguous: true });
    expect(silent).toHaveProperty('message', expect.stringContaining('idleTimeoutMs'));
    const stopped = await writeTo(
      (socket) => socket.write('HTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\n\r\n{'),
      options,
    );
    expect(stopped).toMatchObject({ kind: 'retry', code: 'TIMEOUT', ambiguous: true });
  });

  it('is TIMEOUT if the server sends its answer in tiny pieces without end', async () => {
    const dribble = (socket: Socket) => {
      socket.write('HTTP/1.1 400 Bad Request\r\nContent-Length: 1000\r\n\r\n');
      const timer = setInterval(() => socket.write('x'), 10);
      socket.once('close', () => clearInterval(timer));
    };
    const outcome = await writeTo(dribble, { timeoutMs: 150 });
    expect(outcome).toMatchObject({ kind: 'retry', code: 'TIMEOUT', ambiguous: true });
    expect(outcome).toHaveProperty('message', expect.stringContaining('timeoutMs'));
  });

  it('is TIMEOUT and not ambiguous if the connection is not established', async () => {
    // This server does not speak TLS: the handshake never ends.
    await using server = await hostileServer(() => {});
    const writer = new InfluxWriter({ url: server.url.replace('http', 'https'), connectTimeoutMs: 50 });
    const outcome = await writer.write(line, to);
    expect(outcome).toMatchObject({ kind: 'retry', code: 'TIMEOUT', ambiguous: false });
    expect(outcome).toHaveProperty('message', expect.stringContaining('connectTimeoutMs'));
  });
});

describe('a write with an answer that InfluxDB does not give', () => {
  it.each([
    ['a redirect, which is not followed', answer('301 Moved Permanently', '', ['Location: http://127.0.0.1:1/'])],
    ['a page with status 200', answer('200 OK', '<html>hello</html>')],
    ['a 404 of another server', answer('404 Not Found', '404 page not found')],
    ['a 502 of a proxy', answer('502 Bad Gateway', 'bad gateway')],
    ['something other than HTTP', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['a header that is far too long', answer('400 Bad Request', '', [`X-Influxdb-Error: ${'x'.repeat(100_000)}`])],
  ])('is a retry after %s: no line is given up because of it', async (_, wire) => {
    const outcome = await writeTo((socket) => socket.end(wire));
    expect(outcome).toMatchObject({ kind: 'retry', code: 'SERVER_FAULT', ambiguous: true });
  });

  it('is OVERLOADED after a 503 or 429 of a proxy', async () => {
    const busy = await writeTo((socket) => socket.end(answer('503 Service Unavailable', 'no upstream')));
    expect(busy).toMatchObject({ kind: 'retry', code: 'OVERLOADED', ambiguous: true });
    const limited = await writeTo((socket) => socket.end(answer('429 Too Many Requests')));
    expect(limited).toMatchObject({ kind: 'retry', code: 'OVERLOADED', ambiguous: false });
  });

  it('is understood even if a header quotes control characters', async () => {
    const wire = answer('400 Bad Request', '{"error":"unable to parse \'bad\\u0001\': missing fields"}', [
      "X-Influxdb-Error: unable to parse 'bad\u0001': missing fields",
    ]);
    expect(await writeTo((socket) => socket.end(wire))).toMatchObject({ kind: 'refused', code: 'INVALID' });
  });
});

describe('InfluxWriter', () => {
  it('uses one connection for consecutive writes, and takes one signal for many at once without a warning', async () => {
    await using server = await httpServer((request, response) => {
      request.resume().once('end', () => response.writeHead(204).end());
    });
    const warned = vi.fn();
    process.on('warning', warned);
    const writer = new InfluxWriter({ url: server.url });
    const { signal } = new AbortController();
    for (let i = 0; i < 50; i += 1) expect(await writer.write(line, { ...to, signal })).toEqual({ kind: 'stored' });
    expect(server.connections()).toBe(1);
    await Promise.all(Array.from({ length: 30 }, () => writer.write(line, { ...to, signal })));
    process.off('warning', warned);
    expect(warned).not.toHaveBeenCalled();
    await writer.close();
  });

  it('sends credentials, precision, policy and the path of the URL', async () => {
    let seen: unknown;
    await using server = await httpServer(async (request, response) => {
      const { method, url, headers } = request;
      seen = { method, url, authorization: headers.authorization, body: await text(request) };
      response.writeHead(204).end();
    });
    const writer = new InfluxWriter({ url: `${server.url}/influx`, username: 'user', password: 'päss:word' });
    await writer.write(line, { database: 'a & b', retentionPolicy: 'r/x', precision: 'us' });
    expect(seen).toEqual({
      method: 'POST',
      url: '/influx/write?db=a+%26+b&precision=u&rp=r%2Fx',
      authorization: `Basic ${Buffer.from('user:päss:word').toString('base64')}`,
      body: 'm v=1 1\n',
    });
    await writer.close();
  });

  it('throws the reason of its signal, before and during a write', async () => {
    await using server = await hostileServer(() => {});
    const writer = new InfluxWriter({ url: server.url });
    await expect(writer.write(line, { ...to, signal: AbortSignal.abort(new Error('early')) })).rejects.toThrow('early');
    expect(server.connections()).toBe(0);
    const controller = new AbortController();
    const writing = writer.write(line, { ...to, signal: controller.signal });
    setTimeout(() => controller.abort(), 20);
    await expect(writing).rejects.toMatchObject({ name: 'AbortError' });
    await writer.close();
  });

  it('finishes the writes in flight before it closes, and takes none after that', async () => {
    let answered = false;
    await using server = await hostileServer((socket) => {
      setTimeout(() => {
        answered = true;
        socket.end(answer('204 No Content'));
      }, 50);
    });
    const writer = new InfluxWriter({ url: server.url });
    const writing = writer.write(line, to);
    await writer.close();
    expect(answered).toBe(true);
    expect(await writing).toEqual({ kind: 'stored' });
    await expect(writer.write(line, to)).rejects.toMatchObject({ code: 'CLOSED', retryable: false });
  });

  it.each([
    ['no database', { ...to, database: '' }, "Expected `database` to be a non-empty string, such as 'db_0'"],
    [
      'a misspelled policy',
      { ...to, retentionpolicy: 'rp' },
      'InfluxWriter.write() has no option `retentionpolicy`. Did you mean `retentionPolicy`?',
    ],
    ['an unknown precision', { ...to, precision: 'n' as 'ns' }, "Expected `precision` to be one of 'ns', 'us', 'ms'"],
  ])('refuses %s before any I/O', async (_, where, message) => {
    const writer = new InfluxWriter({ url: 'http://127.0.0.1:1' });
    const error = { code: 'INVALID_OPTIONS', message: expect.stringContaining(message) };
    await expect(writer.write(line, where)).rejects.toMatchObject(error);
  });

  it('uses TLS, and sends nothing to a server whose certificate it does not trust', async () => {
    const server = createServer(selfSigned, (request, response) => {
      request.resume().once('end', () => response.writeHead(204).end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const writer = new InfluxWriter({ url: `https://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const refused = await writer.write(line, to);
    expect(refused).toMatchObject({ kind: 'retry', code: 'UNREACHABLE', ambiguous: false });
    expect(refused).toHaveProperty('message', expect.stringContaining('self-signed'));
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    expect(await writer.write(line, to)).toEqual({ kind: 'stored' });
    vi.unstubAllEnvs();
    await writer.close();
    server.close();
  });
});

async function closedServer(): Promise<{ readonly url: string }> {
  await using server = await hostileServer(() => {});
  return { url: server.url };
}
