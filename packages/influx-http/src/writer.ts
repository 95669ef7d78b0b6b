import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { precisions } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';
import { classifyWrite } from './answers/classify-write';
import type { WriteOutcome } from './answers/write-outcome';
import { InfluxHttpError } from './errors';
import { HttpClient } from './http/client';
import { readText } from './http/read-body';
import { check, type InfluxServer, type ResolvedServer, resolveOptions } from './options';
import { precisionParameter } from './precision';
import { waitUntilSettled } from './settle/settled';

const compress = promisify(gzip);

/** The destination of a write, and the unit of its times. */
export interface WriteTo {
  readonly database: string;
  /** Default, also if empty: the database's default policy. */
  readonly retentionPolicy?: string;
  /** The unit of the timestamps in the lines. */
  readonly precision: Precision;
  readonly signal?: AbortSignal;
}

/**
 * Posts line protocol to one server over kept-alive connections, and understands every answer.
 *
 * Makes one attempt per call, and opens as many connections as there are calls at once: order, retries and limits are up to
 * the caller.
 *
 * @example
 * ```ts
 * const writer = new InfluxWriter({ url: 'http://127.0.0.1:8086' });
 * const outcome = await writer.write(Buffer.from('cpu,host=a usage=0.64 1700000000'), { database: 'db_0', precision: 's' });
 * if (outcome.kind !== 'stored') console.error(`${outcome.code}: ${outcome.message}`);
 * await writer.close();
 * ```
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
   * Sends one `POST /write`. What the server or the network does is an outcome, never an exception.
   *
   * @param lines are not changed, and no longer needed once the promise settles
   * @throws InfluxHttpError `INVALID_OPTIONS` or `CLOSED`
   * @throws the signal's reason; the server may have taken the write by then
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
   * Resolves when the server is applying no write any more: after an `ambiguous` outcome, send nothing for the same points
   * before that. The server's own counters and goroutines tell, within half a second if all is quiet. Where they do not (a
   * proxy hides them, or other clients never stop writing), it waits 20 s, which is twice InfluxDB's default write timeout,
   * or twice the server's own if that is longer. It waits without limit for a server that is down or hangs: pass a signal.
   *
   * @throws InfluxHttpError `INVALID_OPTIONS` or `CLOSED`
   * @throws the signal's reason
   */
  async settled(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#throwIfClosed();
    check.names('InfluxWriter.settled()', options, ['signal']);
    await waitUntilSettled(this.#client, options.signal);
  }

  /** Waits for the writes in flight, then closes the connections. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#inFlight);
    this.#client.close();
  }

  #throwIfClosed(): void {
    if (this.#closed) throw new InfluxHttpError('CLOSED', 'The InfluxWriter is closed: make a new one.');
  }

  async #write(lines: Uint8Array, to: WriteTo): Promise<WriteOutcome> {
    const parameters = writeParameters(to);
    check.that(lines instanceof Uint8Array, 'lines', 'bytes, such as Buffer.from(text)', lines);
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

const writeToNames: readonly (keyof WriteTo)[] = ['database', 'retentionPolicy', 'precision', 'signal'];

/** A misspelled option would otherwise be ignored, and the write go to the default policy. */
function writeParameters(to: WriteTo): Record<string, string> {
  check.names('InfluxWriter.write()', to, writeToNames);
  const { database, retentionPolicy, precision } = to;
  check.text('database', database, 'db_0');
  check.oneOf('precision', precision, precisions);
  const parameters = { db: database, precision: precisionParameter[precision] };
  return retentionPolicy ? { ...parameters, rp: retentionPolicy } : parameters;
}

function unanswered({ code, message, ambiguous }: InfluxHttpError): WriteOutcome {
  const isUnanswered = code === 'UNREACHABLE' || code === 'TIMEOUT';
  return { kind: 'retry', code: isUnanswered ? code : 'SERVER_FAULT', message, ambiguous };
}
