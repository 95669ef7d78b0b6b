import type { RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { type Influxd, influxdAvailable, query, startInfluxd } from '@ceres/testkit';
import { type HttpBindings, serve as serveHono } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import { InfluxDB } from 'influx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createWriteHandler } from '../../../../src/index';
import { afterTest, openTestSink } from '../../backup';
import { leave, send } from '../tools/client';
import { serve } from '../tools/serve';

type Handler = ReturnType<typeof createWriteHandler>;

/** Each mounts the handler as docs/tees.md says, and resolves with its URL. */
const frameworks: Record<string, (handler: Handler) => Promise<string>> = {
  'node:http': (handler) => serve(handler, {}, true),

  async Express(handler) {
    const app = express();
    app.use(handler);
    return serve(app as unknown as RequestListener, {}, true);
  },

  async Fastify(handler) {
    const app = fastify();
    Object.assign(app.server, { httpAllowHalfOpen: true });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    app.all('/*', (request, reply) => {
      reply.hijack();
      return handler(request.raw, reply.raw);
    });
    afterTest(() => app.close());
    return app.listen({ host: '127.0.0.1', port: 0 });
  },

  async Hono(handler) {
    const app = new Hono<{ Bindings: HttpBindings }>();
    app.all('*', async (context) => {
      await handler(context.env.incoming, context.env.outgoing);
      return RESPONSE_ALREADY_SENT;
    });
    const server = serveHono({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 });
    Object.assign(server, { httpAllowHalfOpen: true });
    afterTest(() => new Promise((resolve) => server.close(resolve)));
    await new Promise((resolve) => server.once('listening', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    return `http://127.0.0.1:${address.port}`;
  },
};

describe.skipIf(!(await influxdAvailable()))('the write handler, in front of a real InfluxDB,', () => {
  let influxd: Influxd;

  beforeAll(async () => {
    influxd = await startInfluxd();
  });
  afterAll(() => influxd?.stop());

  describe.each(Object.entries(frameworks))('on %s', (_, mount) => {
    async function setUp() {
      await query(influxd.url, '', 'DROP DATABASE "db_0"');
      await query(influxd.url, '', 'CREATE DATABASE "db_0"');
      const { sink, lines } = await openTestSink();
      const url = await mount(createWriteHandler(influxd.url, sink, { instance: 'influxdb-0' }));
      const stored = async () => (await query(influxd.url, 'db_0', 'SELECT v FROM m'))[0]?.values.map(([, v]) => v);
      return { url, lines, stored };
    }

    it('serves the writes, queries and pings of a client', async () => {
      const { url, lines } = await setUp();
      const client = new InfluxDB({ host: '127.0.0.1', port: Number(new URL(url).port), database: 'db_0' });
      await client.writePoints([{ measurement: 'm', fields: { v: 1 }, timestamp: 5 }], { precision: 's' });
      expect((await client.query<{ v: number }>('SELECT v FROM m')).map(({ v }) => v)).toEqual([1]);
      expect(await client.ping(5000)).toMatchObject([{ online: true }]);
      expect(await lines()).toEqual(['db_0/~default m v=1 5000000000']);
    });

    it('takes bodies of any content type, plain and gzip, and refuses bad ones itself', async () => {
      const { url, lines, stored } = await setUp();
      const gzip = { 'content-encoding': 'gzip' };
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const json = { 'content-type': 'application/json' };
      const post = async (body: string | Buffer, headers: Record<string, string>) =>
        (await send(url, 'POST', '/write?db=db_0', body, headers)).status;
      expect(await post('m v=1 1', {})).toBe(204);
      expect(await post('m v=2 2', form)).toBe(204);
      expect(await post(gzipSync('m v=3 3'), { ...json, ...gzip })).toBe(204);
      expect(await post('not gzip', gzip)).toBe(400);
      expect(await post('not a line', json)).toBe(400);
      expect(await stored()).toEqual([1, 2, 3]);
      expect(await lines()).toEqual([1, 2, 3].map((v) => `db_0/~default m v=${v} ${v}`));
    });

    it('takes every write of clients that close their half right after it, and they get their answer', async () => {
      const { url, lines, stored } = await setUp();
      const bodies = Array.from({ length: 40 }, (_, n) => `m v=${n} ${n + 1}`);
      const answers = await Promise.all(
        bodies.map((body) => {
          const head = `POST /write?db=db_0 HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n`;
          return leave(url, head + body, (socket, bytes) => socket.end(bytes));
        }),
      );
      expect(answers.filter((answer) => answer.startsWith('HTTP/1.1 204 '))).toHaveLength(40);
      expect(await stored()).toEqual(bodies.map((_, n) => n));
      expect((await lines()).sort()).toEqual(bodies.map((body) => `db_0/~default ${body}`).sort());
    });
  });
});
