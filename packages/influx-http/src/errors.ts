/** Says why a call failed. Callers react to the code, never to the message. */
export type InfluxHttpErrorCode =
  | 'INVALID_OPTIONS' // an unknown or impossible option, refused before any I/O
  | 'CLOSED' // the writer is closed
  | 'UNREACHABLE' // no connection, or it was lost
  | 'TIMEOUT' // one of the three timeouts of `InfluxServer`
  | 'UNAUTHORIZED' // 401 or 403
  | 'QUERY_FAILED' // InfluxDB reported an error, at the start or in the middle of its answer
  | 'SERVER_FAULT' // 5xx, or throttled
  | 'INVALID_ANSWER' // not what InfluxDB 1.x answers: another kind of server, a proxy, a cut or endless body
  | 'INVALID_SCHEMA'; // a file of statements that is cut or changed, or holds another statement; nothing of it was run

/** The codes after which the same call may succeed later. */
const retryableCodes: ReadonlySet<InfluxHttpErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT', 'SERVER_FAULT']);

interface InfluxHttpErrorOptions extends ErrorOptions {
  readonly ambiguous?: boolean;
}

/** The only error class of `@ceres/influx-http`. A refused write is not an error: it is a `WriteOutcome`. */
export class InfluxHttpError extends Error {
  override readonly name = 'InfluxHttpError';
  readonly code: InfluxHttpErrorCode;
  /** True if the same call may succeed later. */
  readonly retryable: boolean;
  /** True if the server may have received the request, and may still be working on it. */
  readonly ambiguous: boolean;

  constructor(code: InfluxHttpErrorCode, message: string, options: InfluxHttpErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryable = retryableCodes.has(code);
    this.ambiguous = options.ambiguous ?? false;
  }
}
