import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type InfluxServer, ping, querySeries } from '../../src/index';
import { answer, hostileServer, httpServer } from '../fake-server';

const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
const part = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const row =
  '{"results":[{"statement_id":0,"series":[{"name":"m","columns":["time","v"],"values":[[1,1]],"partial":true}]}]}\n';

function closed(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

async function count(onRequest: (socket: Socket) => void, options: Partial<InfluxServer> = {}) {
  await using server = await hostileServer(onRequest);
  let rows = 0;
  try {
    for await (const _ of querySeries({ url: server.url, ...options }, 'db', 'SELECT v FROM m')) rows += 1;
    return { rows };
  } catch (error) {
    return { rows, error };
  }
}

describe('a query', () => {
  it('fails with UNREACHABLE, after the rows that arrived, if the answer is cut', async () => {
    const cut = await count((socket) => socket.end(chunked + part(row) + part(row.slice(0, 50))));
    expect(cut).toMatchObject({ rows: 1, error: { code: 'UNREACHABLE', retryable: true } });
  });

  it('fails with UNREACHABLE at once if the answer ends before its declared length', async () => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${2 * row.length}\r\n\r\n`;
    const cut = await count((socket) => socket.end(head + row)); // the default limits: 30 s and more
    expect(cut).toMatchObject({ rows: 1, error: { code: 'UNREACHABLE', retryable: true } });
    const refusal = await count((socket) => socket.end('HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\n{"error":'));
    expect(refusal).toMatchObject({ rows: 0, error: { retryable: true } });
  });

  it('fails with TIMEOUT if the answer stops, but not because its reader is slow', async () => {
    const stopped = await count((socket) => socket.write(chunked + part(row)), { idleTimeoutMs: 50 });
    expect(stopped).toMatchObject({ rows: 1, error: { code: 'TIMEOUT' } });

    await using server = await hostileServer((socket) => socket.end(`${chunked}${part(row)}${part(row)}0\r\n\r\n`));
    let rows = 0;
    for await (const _ of querySeries({ url: server.url, idleTimeoutMs: 50 }, 'db', 'SELECT v FROM m')) {
      rows += 1;
      await delay(150);
    }
    expect(rows).toBe(2);
  });

  it('reads no more of an endless answer than its reader asks for', async () => {
    const text = row.repeat(1_000);
    let sentBytes = 0;
    await using server = await httpServer(async (request, response) => {
      request.resume();
      while (!response.destroyed) {
        sentBytes += text.length;
        if (!response.write(text)) await once(response, 'drain', { signal: closed(response) }).catch(() => {});
      }
    });
    let rows = 0;
    for await (const _ of querySeries({ url: server.url }, 'db', 'SELECT v FROM m')) {
      rows += 1;
      if (rows === 5) await delay(500);
      if (rows === 10) break;
    }
    // No more than the sockets of both sides hold.
    expect(sentBytes).toBeLessThan(32 * 1024 * 1024);
  });

  it('waits timeoutMs for its first row, whatever idleTimeoutMs is', async () => {
    const slow = (socket: Socket) => setTimeout(() => socket.end(`${chunked}${part(row)}0\r\n\r\n`), 200);
    expect(await count(slow, { idleTimeoutMs: 50 })).toEqual({ rows: 1 });
    expect(await count(slow, { timeoutMs: 50 })).toMatchObject({ rows: 0, error: { code: 'TIMEOUT' } });
  });

  it.each([
    [
      'an error in the middle of a result',
      `${row}{"results":[{"statement_id":0,"error":"shard is gone"}]}\n`,
      1,
      'QUERY_FAILED',
    ],
    ['an error outside all results', '{"error":"engine stopped"}\n', 0, 'QUERY_FAILED'],
    ['a web page', '<html>', 0, 'INVALID_ANSWER'],
    ['nothing', '', 0, 'INVALID_ANSWER'],
    ['a last chunk that announces more', row.replace(/\}\]\}\n$/, ',"partial":true}]}\n'), 1, 'INVALID_ANSWER'],
  ])('fails because of %s in an answer with status 200', async (_, body, rows, code) => {
    expect(await count((socket) => socket.end(answer('200 OK', body)))).toMatchObject({ rows, error: { code } });
  });

  it.each([
    ['401 Unauthorized', 'UNAUTHORIZED', false],
    ['403 Forbidden', 'UNAUTHORIZED', false],
    ['404 Not Found', 'INVALID_ANSWER', false],
    ['302 Found', 'INVALID_ANSWER', false],
    ['500 Internal Server Error', 'SERVER_FAULT', true],
    ['503 Service Unavailable', 'SERVER_FAULT', true],
  ])('fails after HTTP %s with %s', async (status, code, retryable) => {
    expect(await count((socket) => socket.end(answer(status, 'no')))).toMatchObject({ error: { code, retryable } });
  });
});

describe('ping', () => {
  it.each([
    ['1.6.7~rc0', '1.6.7~rc0'],
    ['1.8.10', '1.8.10'],
    ['v2.7.1', '2.7.1'],
  ])('reads the version %s', async (header, version) => {
    await using server = await httpServer((_, response) => {
      response.writeHead(204, { 'X-Influxdb-Version': header }).end();
    });
    expect(await ping({ url: server.url })).toEqual({ version });
  });

  it.each([
    [204, 'INVALID_ANSWER'],
    [404, 'INVALID_ANSWER'],
    [401, 'UNAUTHORIZED'],
    [503, 'SERVER_FAULT'],
  ])('fails after a %i without a version with %s', async (status, code) => {
    await using server = await httpServer((_, response) => {
      response.writeHead(status).end();
    });
    await expect(ping({ url: server.url })).rejects.toMatchObject({ code });
  });
});
