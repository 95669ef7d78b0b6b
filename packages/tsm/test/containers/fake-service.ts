import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach } from 'vitest';

/** What a fake service does with a request that it was sent. */
export type Reply = (socket: Socket, request: Buffer) => void;

const started: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0)) await stop();
});

/**
 * Starts a server in place of a snapshot service, and returns its URL. It is stopped after the test.
 *
 * @param reply is called once for each connection, with the first bytes that came after the byte of the service
 */
export async function fakeService(reply: Reply): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    const taken: Buffer[] = [];
    const onData = (bytes: Buffer) => {
      taken.push(bytes);
      const all = Buffer.concat(taken);
      if (all.length < 3) return;
      socket.off('data', onData);
      socket.pause();
      reply(socket, all.subarray(1));
    };
    socket.on('data', onData);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  started.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
