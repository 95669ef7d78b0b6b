import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Upstream } from '../../../../src/tees/write-handler/influx/upstream';
import { afterTest } from '../../backup';
import { startFakeInflux } from '../../fake-influx';

const ok = 'HTTP/1.1 204 No Content\r\n\r\n';

/** Starts a server; returns its URL and the number of requests on each connection. */
async function startRawServer(answer: (socket: Socket, request: number) => void) {
  const requests: number[] = [];
  const server = createServer((socket) => {
    const connection = requests.push(0) - 1;
    socket.on('error', () => undefined);
    socket.on('data', () => {
      requests[connection] = (requests[connection] ?? 0) + 1;
      answer(socket, requests[connection] ?? 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterTest(async () => void server.close());
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), requests };
}

const write = { method: 'POST', path: '/write', headers: { 'content-length': 1 }, body: Buffer.from('x') };

async function statusOf(upstream: Upstream, signal = new AbortController().signal): Promise<number | undefined> {
  const answer = await upstream.send({ ...write, signal });
  for await (const _ of answer);
  return answer.statusCode;
}

describe('the InfluxDB behind a handler', () => {
  it('gets the request again if it had closed an idle connection', async () => {
    const { url, requests } = await startRawServer((socket, n) => (n === 1 ? socket.write(ok) : socket.destroy()));
    const upstream = new Upstream(url);
    expect(await statusOf(upstream)).toBe(204);
    expect(await statusOf(upstream)).toBe(204);
    expect(requests).toEqual([2, 1]);
  });

  it('does not get the request again if it hung up on a new connection: it may have stored the write', async () => {
    const { url, requests } = await startRawServer((socket) => socket.destroy());
    await expect(statusOf(new Upstream(url))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(requests).toEqual([1]);
  });

  it('is given up when the signal aborts', async () => {
    const { url } = await startRawServer(() => undefined);
    const signal = AbortSignal.timeout(30);
    await expect(statusOf(new Upstream(url), signal)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('may live under a path', async () => {
    const fake = await startFakeInflux();
    afterTest(() => fake.stop());
    expect(await statusOf(new Upstream(new URL(`${fake.url}/behind/nginx/`)))).toBe(204);
    expect(fake.seen).toMatchObject([{ path: '/behind/nginx/write' }]);
  });
});
