import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { redisAvailable, startRedis } from '../src/index';

describe.skipIf(!(await redisAvailable()))('a real Redis', () => {
  it('answers as soon as it is started, and no more once it is stopped', async () => {
    const redis = await startRedis();
    expect(await ask(redis.url, 'PING')).toBe('+PONG\r\n');
    await redis.stop();
    await expect(ask(redis.url, 'PING')).rejects.toThrow('ECONNREFUSED');
  });

  it('starts several at once, each on a port of its own', async () => {
    const servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
    try {
      expect(new Set(servers.map(({ url }) => url)).size).toBe(3);
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
});

/** Redis answers to `QUIT` by closing, so the answer ends. */
async function ask(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`${command}\r\nQUIT\r\n`);
  return (await text(socket)).replace('+OK\r\n', '');
}
