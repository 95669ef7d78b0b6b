import * as http from 'node:http';
import * as https from 'node:https';
import { InfluxHttpError } from './errors';
import type { ResolvedServer } from './options';

export interface Exchange {
  readonly method: 'GET' | 'POST';
  /** Below the server's URL, without a leading slash. */
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** A query may compute for long before its first byte: then `timeoutMs` alone bounds that wait. */
  readonly silentUntilAnswered?: boolean;
}

/** An answer whose body is still to be read. */
export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  /** May be left early: that closes the connection. Fails with `UNREACHABLE` if cut, `TIMEOUT` if silent. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * What a response header may hold. InfluxDB quotes the bad line in `X-InfluxDB-Error`, control characters and all; only
 * Node's lenient parser lets such an answer through.
 */
const lenient = { insecureHTTPParser: true, maxHeaderSize: 64 * 1024 };

/** Kept-alive connections to one server. Makes one attempt; whoever calls decides what a failure means. */
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
   * @throws InfluxHttpError `UNREACHABLE`, `TIMEOUT` or `INVALID_ANSWER` (not HTTP), all with `ambiguous`
   * @throws the signal's reason
   */
  async send(exchange: Exchange): Promise<Answer> {
    exchange.signal?.throwIfAborted();
    const attempt = new Attempt(this.#server, this.#agent, exchange);
    const response = await attempt.response();
    return { status: response.statusCode ?? 0, headers: response.headers, body: attempt.body(response) };
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** One request, with its clocks: whatever ends it first is the one reason it ended for. */
class Attempt {
  readonly #server: ResolvedServer;
  readonly #exchange: Exchange;
  readonly #request: http.ClientRequest;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Why we ended the request, if we did; a signal's reason may be anything, `null` too. */
  #ended: { readonly reason: unknown } | undefined;
  #sending = false;

  constructor(server: ResolvedServer, agent: http.Agent, exchange: Exchange) {
    this.#server = server;
    this.#exchange = exchange;
    const url = new URL(exchange.path, server.url);
    url.search = new URLSearchParams(exchange.parameters).toString();
    const { request } = url.protocol === 'https:' ? https : http;
    this.#request = request(url, { ...lenient, agent, method: exchange.method, headers: this.#headers() });
  }

  #headers(): Record<string, string> {
    const { authorization } = this.#server;
    const { body, headers } = this.#exchange;
    return {
      ...headers,
      ...(authorization === undefined ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-length': String(body.byteLength) }),
    };
  }

  response(): Promise<http.IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { signal, body, silentUntilAnswered } = this.#exchange;
      const { connectTimeoutMs, idleTimeoutMs, timeoutMs } = this.#server;
      const request = this.#request;
      const abort = () => this.#end(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      request.once('close', () => {
        signal?.removeEventListener('abort', abort);
        this.#clearTimers();
      });

      const whole = this.#limit(timeoutMs, 'timeoutMs', 'no whole answer');
      const connecting = this.#limit(connectTimeoutMs, 'connectTimeoutMs', 'no connection');
      const connected = () => {
        this.#clear(connecting);
        this.#sending = true;
        // Node’s own idle clock, which also sees the progress of a body being sent.
        if (!silentUntilAnswered)
          request.setTimeout(idleTimeoutMs, () => this.#timeOut(idleTimeoutMs, 'idleTimeoutMs', 'silence'));
      };
      request.once('socket', (socket) => {
        if (!socket.connecting)
          connected(); // Kept alive from an earlier exchange.
        else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
      });
      request.once('response', (response) => {
        request.setTimeout(0); // From here `body` keeps the clock: a slow reader is no silence.
        if (silentUntilAnswered) this.#clear(whole);
        resolve(response);
      });
      request.on('error', (error) => reject(this.#whyEnded(error)));
      request.end(body);
    });
  }

  async *body(response: http.IncomingMessage): AsyncGenerator<Buffer> {
    const { idleTimeoutMs } = this.#server;
    const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    try {
      for (;;) {
        const silence = this.#limit(idleTimeoutMs, 'idleTimeoutMs', 'silence in the middle of an answer');
        const next = await chunks.next();
        this.#clear(silence);
        if (next.done) return;
        yield next.value;
      }
    } catch (error) {
      throw this.#whyEnded(error as Error);
    } finally {
      this.#clearTimers();
      // What is left unread would otherwise hold the connection for ever.
      if (!response.complete) this.#request.destroy();
    }
  }

  #limit(ms: number, option: string, what: string): NodeJS.Timeout {
    const timer = setTimeout(() => this.#timeOut(ms, option, what), ms);
    this.#timers.add(timer);
    return timer;
  }

  #clear(timer: NodeJS.Timeout): void {
    clearTimeout(timer);
    this.#timers.delete(timer);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) this.#clear(timer);
  }

  #timeOut(ms: number, option: string, what: string): void {
    const message = `${this.#where()}: ${what} within ${ms} ms (${option})`;
    this.#end(new InfluxHttpError('TIMEOUT', message, { ambiguous: this.#sending }));
  }

  #end(reason: unknown): void {
    this.#ended ??= { reason };
    this.#request.destroy();
  }

  #whyEnded(error: Error): unknown {
    return this.#ended ? this.#ended.reason : this.#lost(error);
  }

  #lost(cause: Error): InfluxHttpError {
    const { code, message } = cause as NodeJS.ErrnoException;
    const text = `${this.#where()}: ${message || code || 'the connection was lost'}`;
    // Bytes came that are not HTTP: trying again would bring the same.
    const answered = code?.startsWith('HPE_') ?? false;
    return new InfluxHttpError(answered ? 'INVALID_ANSWER' : 'UNREACHABLE', text, { cause, ambiguous: this.#sending });
  }

  #where(): string {
    return `${this.#exchange.method} ${new URL(this.#exchange.path, this.#server.url).href}`;
  }
}
