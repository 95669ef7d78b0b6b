import type { IncomingHttpHeaders } from 'node:http';

/** One request to the server. */
export interface Exchange {
  readonly method: 'GET' | 'POST';
  /** The path below the server's URL, without a leading slash. */
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal | undefined;
  /** True for a query, which may take long to compute its first byte: only `timeoutMs` limits that wait. */
  readonly silentUntilAnswered?: boolean;
}

/** An answer whose body is still to be read. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Leaving it early closes the connection. Fails with `UNREACHABLE` if it is cut, `TIMEOUT` if it is silent. */
  readonly body: AsyncIterable<Buffer>;
}
