import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { redisAvailable, startRedis } from '../src/index';

describe.skipIf(!(await redisAvailable()))('a real Redis', () => {
  it('answers as soon as it is started, and no longer once it is stopped', async () => {
    const redis = await startRedis();
    expect(await ask(redis.url, 'PING')).toBe('+PONG\r\n');
    await redis.stop();
    await expect(ask(redis.url, 'PING')).rejects.toThrow('ECONNREFUSED');
  });

  it('starts several times at once, each on a port of its own', async () => {
    const servers = await Promise.all([startRedis(), startRedis(), startRedis()]);
    try {
      expect(new Set(servers.map(({ url }) => url)).size).toBe(3);
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
});

/** Sends a command. Redis closes the connection after `QUIT`, so the answer has an end. */
async function ask(url: string, command: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(`${command}\r\nQUIT\r\n`);
  return (await text(socket)).replace('+OK\r\n', '');
}
