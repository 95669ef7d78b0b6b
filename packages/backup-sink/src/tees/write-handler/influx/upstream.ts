import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps, Agent as TlsAgent } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errnoOf } from '@ceres/internal';

/** A request to InfluxDB. */
export interface UpstreamRequest {
  readonly method: string;
  /** The path with its query, as it is sent. */
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Uint8Array | Readable;
  readonly signal: AbortSignal;
}

/** The InfluxDB behind the handler. Returns its answers as they are. */
export class Upstream {
  readonly #base: URL;
  /** Keeps connections open, and does not keep the process alive with them. */
  readonly #agent: Agent;

  constructor(base: URL) {
    this.#base = base;
    this.#agent = base.protocol === 'https:' ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  }

  /**
   * Resolves with the head of the answer; the caller reads its body.
   *
   * @throws the socket's error, or the signal's
   */
  async send(request: UpstreamRequest): Promise<IncomingMessage> {
    try {
      return await this.#attempt(request, this.#agent);
    } catch (error) {
      // The server closed an idle connection just as it was used again; Node's documentation says to repeat the request.
      const stale = error instanceof StaleConnection;
      if (stale && request.body instanceof Uint8Array && !request.signal.aborted) return this.#attempt(request, false);
      throw stale ? error.cause : error;
    }
  }

  #attempt({ method, path, headers, body, signal }: UpstreamRequest, agent: Agent | false): Promise<IncomingMessage> {
    const options = {
      protocol: this.#base.protocol,
      hostname: this.#base.hostname.replace(/^\[|\]$/g, ''),
      port: this.#base.port,
      method,
      path: this.#base.pathname.replace(/\/$/, '') + path,
      headers,
      agent,
      signal,
      // InfluxDB copies what it cannot parse into a header, in which a control character is illegal.
      insecureHTTPParser: true,
    };
    return new Promise((resolve, reject) => {
      const request = this.#base.protocol === 'https:' ? requestHttps(options) : requestHttp(options);
      request.once('response', resolve);
      request.on('error', (error) => {
        const stale = request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(errnoOf(error) ?? '');
        reject(stale ? new StaleConnection(error) : error);
      });
      if (body instanceof Uint8Array) request.end(body);
      else pipeline(body, request).catch(reject);
    });
  }
}

class StaleConnection extends Error {
  override readonly cause: Error;

  constructor(cause: Error) {
    super('the kept-alive connection had been closed');
    this.cause = cause;
  }
}
