import { createServer, type IncomingMessage, type ServerOptions, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterTest } from '../../backup';

/** Serves any listener on a free port until the test ends. `halfOpen` lets clients close their half before the answer. */
export async function serve(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  options: ServerOptions = {},
  halfOpen = false,
): Promise<string> {
  const server = Object.assign(createServer(options, listener), { httpAllowHalfOpen: halfOpen });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterTest(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A request in progress, so that a test can act at a known moment instead of sleeping. */
export interface Arrival {
  /** Resolves once `bytes` bytes of the body have arrived. */
  received(bytes: number): Promise<void>;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;
  /** Settles as the listener's promise does. */
  readonly handled: Promise<unknown>;
}

/** Wraps a listener, and returns its requests in the order in which they arrived. */
export function watched(listener: (request: IncomingMessage, response: ServerResponse) => unknown) {
  const arrivals: Arrival[] = [];
  const waiting: (() => void)[] = [];

  function watchedListener(request: IncomingMessage, response: ServerResponse): void {
    const closed = new Promise<void>((resolve) => response.once('close', resolve));
    const handled = Promise.resolve(listener(request, response));
    arrivals.push({ received: countBody(request), closed, handled });
    for (const wake of waiting.splice(0)) wake();
  }

  /** Resolves with request number `index`, from 0, as soon as it has arrived. */
  async function arrival(index = 0): Promise<Arrival> {
    for (;;) {
      const found = arrivals[index];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }
  return { listener: watchedListener, arrival };
}

/** Follows the reading of the listener: it must be called after it. */
function countBody(request: IncomingMessage): Arrival['received'] {
  let receivedBytes = 0;
  request.on('data', (chunk: Buffer) => {
    receivedBytes += chunk.length;
  });
  return async (bytes) => {
    while (receivedBytes < bytes) await new Promise((resolve) => request.once('data', resolve));
  };
}
