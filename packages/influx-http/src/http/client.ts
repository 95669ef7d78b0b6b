import { setMaxListeners } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { ResolvedServer } from '../options';
import { Attempt } from './attempt';
import type { Answer, Exchange } from './exchange';

/** Kept-alive connections to one server. Makes one attempt per call: the caller decides what a failure means. */
export class HttpClient {
  readonly #server: ResolvedServer;
  readonly #agent: http.Agent;

  constructor(server: ResolvedServer) {
    this.#server = server;
    const options = { keepAlive: true };
    this.#agent = server.url.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
  }

  get url(): URL {
    return this.#server.url;
  }

  /**
   * Sends a request, and resolves when the head of the answer is there.
   *
   * @throws InfluxHttpError `UNREACHABLE`, `TIMEOUT` or `INVALID_ANSWER` (not HTTP), all with `ambiguous`
   * @throws the signal's reason
   */
  async send(exchange: Exchange): Promise<Answer> {
    const { signal } = exchange;
    signal?.throwIfAborted();
    // One signal may end any number of exchanges; with more than ten at once Node would warn of a leak.
    if (signal) setMaxListeners(0, signal);
    const attempt = new Attempt(this.#server, this.#agent, exchange);
    const response = await attempt.response();
    return { status: response.statusCode ?? 0, headers: response.headers, body: attempt.body(response) };
  }

  /** Closes the connections, and ends what is in flight. */
  close(): void {
    this.#agent.destroy();
  }
}
