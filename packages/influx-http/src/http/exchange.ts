import type { IncomingHttpHeaders } from 'node:http';

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
  readonly headers: IncomingHttpHeaders;
  /** May be left early: that closes the connection. Fails with `UNREACHABLE` if cut, `TIMEOUT` if silent. */
  readonly body: AsyncIterable<Buffer>;
}
