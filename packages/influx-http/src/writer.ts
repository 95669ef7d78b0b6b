import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Precision } from '@ceres/lineproto';
import { classifyWrite } from './answers/classify-write';
import type { WriteOutcome } from './answers/write-outcome';
import { InfluxHttpError } from './errors';
import { HttpClient } from './http/client';
import { readText } from './http/read-body';
import { invalid, refuseUnknownNames } from './names';
import { type InfluxServer, type ResolvedServer, resolveOptions } from './options';
import { precisionParameter } from './precision';
import { waitUntilSettled } from './settle/settled';

const compress = promisify(gzip);

export interface WriteTo {
  readonly database: string;
  /** Omitted or empty: the database's default policy. */
  readonly retentionPolicy?: string;
  /** Of the timestamps in the lines. */
  readonly precision: Precision;
  readonly signal?: AbortSignal;
}

/**
 * Posts line protocol to one server over kept-alive connections, and understands every answer.
 *
 * Makes one attempt a call and opens as many connections as there are calls at once: order, retries and limits are the
 * caller's.
 */
export class InfluxWriter {
  readonly #server: ResolvedServer;
  readonly #client: HttpClient;
  readonly #inFlight = new Set<Promise<unknown>>();
  #closed = false;

  /** @throws InfluxHttpError `INVALID_OPTIONS` */
  constructor(server: InfluxServer) {
    this.#server = resolveOptions(server);
    this.#client = new HttpClient(this.#server);
  }

  /**
   * One `POST /write`. What the server or the network does is an outcome, never an exception.
   *
   * @param lines left alone, and no longer needed once the promise settles
   * @throws InfluxHttpError `INVALID_OPTIONS` or `CLOSED`
   * @throws the signal's reason; the server may have taken the write then
   */
  async write(lines: Uint8Array, to: WriteTo): Promise<WriteOutcome> {
    this.#throwIfClosed();
    const writing = this.#write(lines, to);
    this.#inFlight.add(writing);
    try {
      return await writing;
    } finally {
      this.#inFlight.delete(writing);
    }
  }

  /**
   * Resolves when the server applies no write any more: after an `ambiguous` outcome, send nothing for the same points
   * before this. The server's own counters and goroutines tell, within half a second where all is quiet. Where they do not
   * (a proxy hides them, or other clients never stop writing), it waits 20 s, twice InfluxDB's default write timeout, or
   * twice the server's own if that is longer. A server that is down or hangs is waited for without limit: give a signal.
   *
   * @throws InfluxHttpError `INVALID_OPTIONS` or `CLOSED`
   * @throws the signal's reason
   */
  async settled(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#throwIfClosed();
    refuseUnknownNames(options, ['signal']);
    await waitUntilSettled(this.#client, options.signal);
  }

  /** Waits for the writes in flight, then closes the connections. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#inFlight);
    this.#client.close();
  }

  #throwIfClosed(): void {
    if (this.#closed) throw new InfluxHttpError('CLOSED', 'the InfluxWriter was closed: make a new one');
  }

  async #write(lines: Uint8Array, to: WriteTo): Promise<WriteOutcome> {
    const parameters = writeParameters(to);
    if (!(lines instanceof Uint8Array)) throw invalid('the lines must be bytes: Buffer.from(text)');
    const body = this.#server.gzip ? await compress(lines, { level: 1 }) : lines;
    const headers = {
      'content-type': 'text/plain; charset=utf-8',
      ...(this.#server.gzip ? { 'content-encoding': 'gzip' } : {}),
    };
    try {
      const exchange = { method: 'POST', path: 'write', parameters, headers, body, signal: to.signal } as const;
      const answer = await this.#client.send(exchange);
      return classifyWrite(answer.status, await readText(answer.body));
    } catch (error) {
      if (error instanceof InfluxHttpError) return unanswered(error);
      throw error;
    }
  }
}

const names: readonly (keyof WriteTo)[] = ['database', 'retentionPolicy', 'precision', 'signal'];

function writeParameters(to: WriteTo): Record<string, string> {
  refuseUnknownNames(to, names);
  const { database, retentionPolicy, precision } = to;
  if (typeof database !== 'string' || database === '') throw invalid("'database' must name the database to write to");
  if (!Object.hasOwn(precisionParameter, precision)) {
    const known = Object.keys(precisionParameter).join(', ');
    throw invalid(`'precision' is ${String(precision)}: it must be one of ${known}`);
  }
  const parameters = { db: database, precision: precisionParameter[precision] };
  return retentionPolicy ? { ...parameters, rp: retentionPolicy } : parameters;
}

function unanswered({ code, message, ambiguous }: InfluxHttpError): WriteOutcome {
  const answered = code !== 'UNREACHABLE' && code !== 'TIMEOUT';
  return { kind: 'retry', code: answered ? 'SERVER_FAULT' : code, ambiguous, message };
}
