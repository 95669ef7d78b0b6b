import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** The place of a request among those that were pipelined on its connection. */
export interface Place {
  /** The writes before it on this connection; `undefined` for the first request. */
  readonly before: WritesBefore | undefined;
  /** Lets the next write begin. */
  begun(): void;
  /** Lets the next request that is not a write begin. */
  done(): void;
}

/** What a request waits for. */
export interface WritesBefore {
  /** Resolves when they are on their way into the backup. */
  readonly begun: Promise<unknown>;
  /** Resolves when they are done. */
  readonly done: Promise<unknown>;
}

/**
 * Keeps pipelined requests in order. InfluxDB serves the requests of a connection one after the other; here each has its own way
 * to the backup, on which a small one would overtake one that is still inflated.
 */
export class ConnectionOrder {
  readonly #tails = new WeakMap<Socket, WritesBefore>();

  /** Takes the next place. Call it as soon as the request arrives. */
  enter({ socket, httpVersionMajor }: IncomingMessage): Place {
    // The requests of an HTTP/2 connection are not sent one after the other.
    const before = httpVersionMajor === 1 ? this.#tails.get(socket) : undefined;
    const begun = deferred();
    const done = deferred();
    this.#tails.set(socket, {
      begun: Promise.all([before?.begun, begun.promise]),
      done: Promise.all([before?.done, done.promise]),
    });
    return { before, begun: begun.resolve, done: done.resolve };
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
