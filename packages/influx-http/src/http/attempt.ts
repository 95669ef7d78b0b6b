import * as http from 'node:http';
import * as https from 'node:https';
import { listen } from '@ceres/internal';
import { InfluxHttpError } from '../errors';
import type { ResolvedServer } from '../options';
import type { Exchange } from './exchange';

/**
 * Lets every answer through. InfluxDB quotes the bad line in `X-InfluxDB-Error`, control characters included, and Node's strict
 * parser refuses such a header.
 */
const lenient = { insecureHTTPParser: true, maxHeaderSize: 64 * 1024 };

/** Sending this much takes a few milliseconds. */
const PIECE_BYTES = 1024 * 1024;

/** One request with its clocks. What ends it first is the only reason that is reported. */
export class Attempt {
  readonly #server: ResolvedServer;
  readonly #exchange: Exchange;
  readonly #request: http.ClientRequest;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Why we ended the request, if we did. Not the bare reason: a signal's may be anything, also `undefined`. */
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

  /** Sends the request, and settles when the head of the answer is there. */
  response(): Promise<http.IncomingMessage> {
    const { signal, body, silentUntilAnswered } = this.#exchange;
    const { connectTimeoutMs, timeoutMs } = this.#server;
    const request = this.#request;
    const unlisten = signal && listen(signal, () => this.#end(signal.reason));
    request.once('close', () => {
      unlisten?.();
      this.#clearTimers();
    });
    const whole = this.#limit(timeoutMs, 'timeoutMs', 'no complete answer within');
    const connecting = this.#limit(connectTimeoutMs, 'connectTimeoutMs', 'no connection within');
    const connected = () => {
      this.#clear(connecting);
      this.#startSending();
    };
    request.once('socket', (socket) => {
      const isNew = socket.connecting;
      if (isNew) socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
      else connected();
    });
    return new Promise((resolve, reject) => {
      request.once('response', (response) => {
        request.setTimeout(0); // From here `body` keeps the clock: a slow reader is not a silent server.
        if (silentUntilAnswered) this.#clear(whole);
        resolve(response);
      });
      request.on('error', (error) => reject(this.#whyEnded(error)));
      if (body === undefined || body.byteLength <= PIECE_BYTES) request.end(body);
      else this.#sendFrom(body, 0);
    });
  }

  /** Sends a large body in pieces: the kernel takes all of 30 MB in one turn of the event loop if the server reads fast enough. */
  #sendFrom(body: Uint8Array, from: number): void {
    const to = from + PIECE_BYTES;
    const piece = body.subarray(from, to);
    if (to >= body.byteLength) return void this.#request.end(piece);
    this.#request.write(piece, (error) => {
      if (!error && !this.#request.destroyed) setImmediate(() => this.#sendFrom(body, to));
    });
  }

  /** Yields the body of the answer. Ends the request if the caller leaves early. */
  async *body(response: http.IncomingMessage): AsyncGenerator<Buffer> {
    const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    try {
      for (;;) {
        const silence = this.#limit(this.#server.idleTimeoutMs, 'idleTimeoutMs', 'the answer stopped for');
        const next = await chunks.next();
        this.#clear(silence);
        if (next.done) return;
        yield next.value;
      }
    } catch (error) {
      throw this.#whyEnded(error as Error);
    } finally {
      this.#clearTimers();
      // An unread rest would hold the connection forever.
      if (!response.readableEnded) this.#request.destroy();
    }
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

  #startSending(): void {
    const { idleTimeoutMs } = this.#server;
    this.#sending = true;
    if (this.#exchange.silentUntilAnswered) return;
    // Node's own idle clock, which also notices the progress of a body that is being sent.
    this.#request.setTimeout(idleTimeoutMs, () => this.#timeOut(idleTimeoutMs, 'idleTimeoutMs', 'silent for'));
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
    const message = `${this.#where()}: ${what} ${ms} ms (\`${option}\`)`;
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
    // The server sent bytes that are not HTTP: a retry would bring the same.
    const isNotHttp = code?.startsWith('HPE_') ?? false;
    return new InfluxHttpError(isNotHttp ? 'INVALID_ANSWER' : 'UNREACHABLE', text, { cause, ambiguous: this.#sending });
  }

  #where(): string {
    return `${this.#exchange.method} ${new URL(this.#exchange.path, this.#server.url).href}`;
  }
}
