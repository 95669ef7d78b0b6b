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

/** The longest wait for the server's version. */
const versionMsMax = 5_000;

/** The InfluxDB behind the handler. Returns its answers as they are. */
export class Upstream {
  readonly #base: URL;
  /** Keeps connections open, and does not keep the process alive with them. */
  readonly #agent: Agent;
  #version: string | undefined;
  #asking: Promise<string> | undefined;

  constructor(base: URL) {
    this.#base = base;
    this.#agent = base.protocol === 'https:' ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  }

  /**
   * Resolves with the server's version as its last answer named it: `1.6.7~rc0`; `''` if its answers name none. Asks only if there
   * was no answer yet.
   *
   * @throws the socket's error, or that of a timeout
   */
  async version(): Promise<string> {
    if (this.#version !== undefined) return this.#version;
    this.#asking ??= this.#askVersion().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #askVersion(): Promise<string> {
    const signal = AbortSignal.timeout(versionMsMax);
    const answer = await this.send({ method: 'GET', path: '/ping', headers: {}, body: new Uint8Array(), signal });
    answer.resume();
    return this.#version ?? '';
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
      request.once('response', (answer) => {
        const version = answer.headers['x-influxdb-version'];
        if (typeof version === 'string') this.#version = version;
        resolve(answer);
      });
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
