import { connect, createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { afterTest } from '../../backup';
import { startHandler } from '../tools/start-handler';

it('a client that speaks HTTP/2 is answered 505, whatever it sends, and nothing is read or backed up', async () => {
  const { handler, fake, lines } = await startHandler();
  const server = createServer((request, response) => void handler(request as never, response as never));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  afterTest(async () => {
    session.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const answers = Array.from({ length: 100 }, async (_, n) => {
    const stream = session.request({ ':method': n % 2 ? 'POST' : 'GET', ':path': n % 2 ? '/write?db=d' : '/ping' });
    const status = new Promise((resolve) => stream.once('response', (headers) => resolve(headers[':status'])));
    let body = '';
    stream.on('data', (chunk) => {
      body += chunk;
    });
    stream.on('error', () => undefined);
    if (n % 2) stream.write('m v=1 1\n'); // Never ended.
    const closed = new Promise((resolve) => stream.once('close', resolve));
    expect(await status).toBe(505);
    await closed;
    expect(body).toContain('HTTP/1.1');
  });
  await Promise.all(answers);
  expect(fake.seen).toEqual([]);
  expect(await lines()).toEqual([]);
});
