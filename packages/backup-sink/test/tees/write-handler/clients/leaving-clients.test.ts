import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { MemoryStorage } from '@ceres/storage';
import { describe, expect, it, vi } from 'vitest';
import { teeStats } from '../../../../src/index';
import { leave, sendRaw } from '../tools/client';
import { startHandler } from '../tools/start-handler';

const head = (bytes: number) => `POST /write?db=db_0 HTTP/1.1\r\nHost: x\r\nContent-Length: ${bytes}\r\n\r\n`;

describe('a client that leaves', () => {
  it('in the middle of its upload leaves nothing behind', async () => {
    const { url, fake, lines, sink, arrival } = await startHandler();
    const received = arrival().then((request) => request.received(8));
    expect(await sendRaw(url, `${head(100)}m v=1 1\n`, received)).toBe('');
    await (await arrival()).handled;
    expect(fake.seen).toEqual([]);
    expect(await lines()).toEqual([]);
    expect(sink.stats().acceptedLines).toBe(0);
  });

  it('while InfluxDB has not answered takes nothing back: both sides get the write', async () => {
    const asked = deferred();
    const { url, handler, lines, arrival } = await startHandler(async (_, response) => {
      asked.resolve();
      await (await arrival()).closed;
      response.writeHead(204).end();
    });
    await sendRaw(url, `${head(7)}m v=1 5`, asked.promise);
    await (await arrival()).handled;
    expect(teeStats(handler)).toMatchObject({ writes: 1, influxErrors: 0 });
    expect(await lines()).toEqual(['db_0/~default m v=1 5']);
  });

  it('while the spool is full takes nothing back either: both sides get the write once there is room', async () => {
    const gate = deferred();
    const storage = new MemoryStorage();
    const gated = { put: (...args: Parameters<typeof storage.put>) => gate.promise.then(() => storage.put(...args)) };
    const { url, sink, fake, arrival } = await startHandler(undefined, { storage: gated, spoolBytesMax: 8192 });
    const to = { instance: 'influxdb-0', database: 'db_0' };
    // Random digits, so that there is no room for the second one even when this is compressed.
    await sink.write(to, { lines: `m v="${randomBytes(1500).toString('hex')}" 1`, precision: 'ns' });
    const full = deferred();
    sink.on('full', full.resolve);
    const line = `m v="${'x'.repeat(6000)}" 1`;
    await sendRaw(url, head(line.length) + line, full.promise);
    await (await arrival()).closed;
    gate.resolve();
    await (await arrival()).handled;
    expect(sink.stats().acceptedLines).toBe(2);
    expect(fake.writes()).toMatchObject([{ body: `${line}\n` }]);
  });

  const line = (n: number) => `m,n=${n} v=${n} 1`;
  const lines40 = Array.from({ length: 40 }, (_, n) => line(n));

  /** Each ends a client's side of a connection right after it has sent a whole request. */
  const goodbyes: Record<string, (socket: Socket, bytes: string) => void> = {
    'closes its half of the connection': (socket, bytes) => socket.end(bytes),
    'hangs up once its bytes are sent': (socket, bytes) => socket.write(bytes, () => socket.destroy()),
    'hangs up after closing its half': (socket, bytes) => socket.end(bytes, () => socket.destroy()),
  };

  it.each(Object.entries(goodbyes))(
    'and %s right after its body is written by both sides, 40 of 40',
    async (__, sayGoodbye) => {
      const warn = vi.fn();
      const logger = { debug: vi.fn(), info: vi.fn(), error: vi.fn(), warn };
      const gone = deferred();
      const { url, handler, fake, lines, arrival } = await startHandler(
        async (_, response) => {
          await gone.promise;
          response.writeHead(204).end();
        },
        { logger },
      );
      const leaving = Promise.all(lines40.map((text) => leave(url, head(text.length) + text, sayGoodbye)));
      for (let n = 0; n < 40; n += 1) await (await arrival(n)).closed;
      gone.resolve();
      await leaving;
      for (let n = 0; n < 40; n += 1) await (await arrival(n)).handled;
      expect(
        fake
          .writes()
          .map(({ body }) => body.trimEnd())
          .sort(),
      ).toEqual([...lines40].sort());
      expect((await lines()).map((text) => text.replace(/^\S+ /, '')).sort()).toEqual([...lines40].sort());
      const { writes, clientsGone, influxErrors } = teeStats(handler);
      expect({ writes, influxErrors }).toEqual({ writes: 40, influxErrors: 0 });
      expect(clientsGone).toBe(40);
      expect(warn.mock.calls.filter(([, message]) => /client left before its answer/.test(message))).toHaveLength(40);
    },
  );

  it('is not counted if it stays for its answer', async () => {
    const { post, handler } = await startHandler();
    expect((await post('/write?db=db_0', 'm v=1 1')).status).toBe(204);
    expect(teeStats(handler).clientsGone).toBe(0);
  });

  it('with one half of the connection still gets its answer from a server that allows it, 40 of 40', async () => {
    const { url, handler, fake, arrival } = await startHandler(undefined, {}, {}, {}, true);
    const answers = await Promise.all(
      lines40.map((text) =>
        leave(url, head(text.length) + text, goodbyes['closes its half of the connection'] as never),
      ),
    );
    expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 204 '))).toHaveLength(40);
    for (let n = 0; n < 40; n += 1) await (await arrival(n)).handled;
    expect(fake.writes()).toHaveLength(40);
    expect(teeStats(handler).clientsGone).toBe(0);
  });

  it('with one half of the connection still gets the answers to what is neither a write nor a query, in their order', async () => {
    const { url, fake } = await startHandler(undefined, {}, {}, {}, true);
    const ping = 'GET /ping HTTP/1.1\r\nHost: x\r\n\r\n';
    const answer = await leave(
      url,
      `${ping}${head(8)}m v=1 1\n${ping}`,
      goodbyes['closes its half of the connection'] as never,
    );
    expect(answer.match(/HTTP\/1.1 204 /g)).toHaveLength(3);
    expect(fake.writes()).toHaveLength(1);
  });

  it('ends its query, also where a server allows half of a connection', async () => {
    const asked = deferred();
    const ended = deferred();
    const answer = (_: unknown, response: ServerResponse) => {
      response.once('close', ended.resolve);
      asked.resolve();
    };
    const { url } = await startHandler(answer, {}, {}, {}, true);
    void leave(url, 'GET /query HTTP/1.1\r\nHost: x\r\n\r\n', (socket, bytes) => {
      socket.write(bytes);
      void asked.promise.then(() => socket.destroy());
    });
    await ended.promise;
  });
});

function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
