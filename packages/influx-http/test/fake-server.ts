import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  /** How many connections were made so far. */
  readonly connections: () => number;
}

/** Does to a connection what it is told to, once the first bytes of a request are there: nothing need be HTTP. */
export function hostileServer(onRequest: (socket: Socket) => void): Promise<FakeServer> {
  return serve(createServer((socket) => socket.once('data', () => onRequest(socket)).resume()));
}

export function httpServer(onRequest: RequestListener): Promise<FakeServer> {
  return serve(createHttpServer(onRequest));
}

/** A whole answer as it goes over the wire. */
export function answer(status: string, body = '', headers: readonly string[] = []): string {
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

async function serve(server: Server): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()); // Clients of these tests leave without a word.
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
