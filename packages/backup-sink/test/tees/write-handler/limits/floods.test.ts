import { expect, it } from 'vitest';
import { send, sendRaw } from '../tools/client';
import { startHandler } from '../tools/start-handler';

const ping = 'GET /ping HTTP/1.1\r\nHost: x\r\n\r\n';

it('a connection with more than 1,000 requests in progress is closed, and others go on', async () => {
  const warnings: string[] = [];
  const logger = {
    debug: () => undefined,
    info: () => undefined,
    warn: (_: unknown, message: string) => warnings.push(message),
    error: () => undefined,
  };
  const { url } = await startHandler(
    (request, response) => {
      if (request.path !== '/ping') response.writeHead(204).end(); // A ping is never answered.
    },
    { logger },
  );
  await sendRaw(url, ping.repeat(3_000));
  expect(warnings).toContain('a client pipelined too many requests; its connection was closed');
  expect((await send(url, 'POST', '/write?db=d', 'm v=1 1')).status).toBe(204);
});

it('a connection with 1,000 requests in progress gets all its answers', async () => {
  const { url, fake } = await startHandler();
  await sendRaw(url, `${ping.repeat(999)}GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  expect(fake.seen.filter(({ path }) => path === '/ping')).toHaveLength(999);
});
