import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  /** Returns how many connections were made so far. */
  readonly connections: () => number;
}

/** Serves connections, not HTTP: calls `onRequest` once the first bytes of a request have arrived. */
export function hostileServer(onRequest: (socket: Socket) => void): Promise<FakeServer> {
  return serve(createServer((socket) => socket.once('data', () => onRequest(socket)).resume()));
}

/** Serves HTTP. */
export function httpServer(onRequest: RequestListener): Promise<FakeServer> {
  return serve(createHttpServer(onRequest));
}

/** Returns a whole answer as it is sent. */
export function answer(status: string, body = '', headers: readonly string[] = []): string {
  const lines = [`HTTP/1.1 ${status}`, `Content-Length: ${Buffer.byteLength(body)}`, ...headers];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

async function serve(server: Server): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy()); // Clients of these tests break connections.
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
