import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { selfSigned } from '../servers/self-signed';
import { FakeBucket, type NameOrder } from './bucket';
import { FaultQueue } from './fault-queue';
import type { FaultTarget } from './faults';

/** A refusal in the words of a store, by which clients tell one case from another. */
export abstract class StoreRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }

  /** Answers with it. */
  abstract send(response: ServerResponse): void;
}

interface Logged {
  status: number | undefined;
}

/** What a request is logged as, and what answers it: it returns the status that it sent, if any, or throws a refusal. */
export interface Exchange<L extends Logged> {
  readonly entry: L;
  readonly answer: () => Promise<number | undefined>;
}

export interface FakeStoreOptions {
  /** The buckets that exist at the start. */
  readonly buckets: readonly string[];
  /** Speaks TLS with `selfSigned`. Default: false. */
  readonly tls?: boolean;
  /** The order of listings. Default: by UTF-8 bytes. */
  readonly order?: NameOrder;
}

/** What the fakes of all stores have in common: a server on a local port, objects in memory, faults, and a log of every request. */
export abstract class FakeStore<L extends Logged, F extends FaultTarget> {
  protected readonly buckets: ReadonlyMap<string, FakeBucket>;
  protected readonly faults = new FaultQueue<F>();
  readonly #server: Server;
  readonly #scheme: string;
  #log: L[] = [];

  protected constructor({ buckets, tls = false, order }: FakeStoreOptions) {
    this.buckets = new Map(buckets.map((name) => [name, new FakeBucket(order)]));
    this.#scheme = tls ? 'https' : 'http';
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    const server: Server = tls ? createTlsServer(selfSigned, serve) : createServer(serve);
    this.#server = server.on('checkContinue', serve);
  }

  /** Reads the head of a request. */
  protected abstract begin(request: IncomingMessage, response: ServerResponse): Exchange<L>;

  /** Listens on a free port of 127.0.0.1. */
  protected async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** The address for a client's `endpoint`. */
  get url(): string {
    return `${this.#scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every request since the start or the last `clearLog()`, in the order of arrival. */
  get log(): readonly L[] {
    return this.#log;
  }

  clearLog(): void {
    this.#log = [];
  }

  /** Returns the objects of a bucket. Default: the first one. */
  bucket(name = [...this.buckets.keys()][0] ?? ''): FakeBucket {
    const bucket = this.buckets.get(name);
    if (bucket === undefined) throw new Error(`The fake store was started without "${name}".`);
    return bucket;
  }

  inject(fault: F): void {
    this.faults.add(fault);
  }

  clearFaults(): void {
    this.faults.clear();
  }

  /** Returns the number of open connections, so that a test can see that none leaks. */
  async connections(): Promise<number> {
    return await new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { entry, answer } = this.begin(request, response);
    this.#log.push(entry);
    try {
      entry.status = await answer();
    } catch (error) {
      if (error instanceof StoreRefusal) {
        entry.status = error.status;
        error.send(response);
        return;
      }
      response.destroy(); // The client cut the connection in the middle of its upload.
      if (error instanceof Error && error.message.startsWith('The fake')) throw error;
    }
  }
}
