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
interface WritesBefore {
  /** Resolves when they are on their way into the backup. */
  readonly begun: Promise<unknown>;
  /** Resolves when they are done. */
  readonly done: Promise<unknown>;
}

/** The most requests of one connection in progress: each holds some 4 KB, and no known client pipelines more than a few. */
const pipelinedMax = 1_000;

/** The requests of one connection. */
interface Pipeline {
  tail: WritesBefore;
  inProgress: number;
}

/**
 * Keeps pipelined requests in order. InfluxDB serves the requests of a connection one after the other; here each has its own way
 * to the backup, on which a small one would overtake one that is still inflated.
 */
export class ConnectionOrder {
  readonly #pipelines = new WeakMap<Socket, Pipeline>();

  /** Takes the next place; `undefined` if there is none. Call it as soon as the request arrives. */
  enter({ socket, httpVersionMajor }: IncomingMessage): Place | undefined {
    const begun = deferred();
    const done = deferred();
    // HTTP/2 is refused, and its requests are not sent one after the other.
    if (httpVersionMajor !== 1) return { before: undefined, begun: begun.resolve, done: done.resolve };
    const pipeline = this.#pipelines.get(socket) ?? { tail: nothingBefore, inProgress: 0 };
    if (pipeline.inProgress >= pipelinedMax) return undefined;
    this.#pipelines.set(socket, pipeline);
    const before = pipeline.inProgress === 0 ? undefined : pipeline.tail;
    pipeline.inProgress += 1;
    pipeline.tail = {
      begun: Promise.all([before?.begun, begun.promise]),
      done: Promise.all([before?.done, done.promise]),
    };
    return {
      before,
      begun: begun.resolve,
      done: () => {
        pipeline.inProgress -= 1;
        done.resolve();
      },
    };
  }
}

const nothingBefore: WritesBefore = { begun: Promise.resolve(), done: Promise.resolve() };

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
