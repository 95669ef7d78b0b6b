import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How ready the metadata server of one of Google's machines is. */
export type MetadataServerState =
  /** Nothing listens. */
  | 'down'
  /** It takes connections and does not answer. */
  | 'silent'
  /** It answers, and knows no service account yet. */
  | 'without-account'
  /** It answers everything with 500. */
  | 'failing'
  /** The account may not be used. */
  | 'refusing'
  | 'up';

/** A fake of the server that gives tokens to programs on Google's machines. `GCE_METADATA_HOST` leads clients to it. */
export class FakeMetadataServer {
  /** The token that it gives. */
  readonly token = 'a-token-of-the-fake-metadata-server';
  #server: Server | undefined;
  #port = 0;
  #state: MetadataServerState = 'down';
  #tokensAsked = 0;

  /** Takes a free port of 127.0.0.1. */
  static async start(state: MetadataServerState): Promise<FakeMetadataServer> {
    const fake = new FakeMetadataServer();
    await fake.become('up');
    await fake.become(state);
    return fake;
  }

  /** The value of `GCE_METADATA_HOST`. */
  get host(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** The number of requests for a token so far. */
  get tokensAsked(): number {
    return this.#tokensAsked;
  }

  async become(state: MetadataServerState): Promise<void> {
    this.#state = state;
    if (state === 'down') return await this.close();
    if (this.#server !== undefined) return;
    const server = createServer((request, response) => this.#answer(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  #answer({ url = '/' }: IncomingMessage, response: ServerResponse): void {
    const isToken = /\/service-accounts\/default\/token/.test(url);
    if (isToken) this.#tokensAsked += 1;
    if (this.#state === 'silent') return;
    response.setHeader('Metadata-Flavor', 'Google');
    if (this.#state === 'failing') response.writeHead(500).end('not ready');
    else if (isToken && this.#state === 'without-account') response.writeHead(404).end('Not Found');
    else if (isToken && this.#state === 'refusing') response.writeHead(403).end('IAM returned 403 Forbidden');
    else if (isToken) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ access_token: this.token, expires_in: 3600, token_type: 'Bearer' }));
    } else response.end('service-accounts/\n');
  }
}
