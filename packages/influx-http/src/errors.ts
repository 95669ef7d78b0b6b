/** Why a call failed. A caller's reaction depends on this alone, never on the message. */
export type InfluxHttpErrorCode =
  | 'INVALID_OPTIONS' // refused before any I/O; the message names the option
  | 'CLOSED' // the writer was closed
  | 'UNREACHABLE' // no connection, or it was lost
  | 'TIMEOUT' // one of the three timeouts of `InfluxServer`
  | 'UNAUTHORIZED' // 401 or 403
  | 'QUERY_FAILED' // InfluxDB reported an error, at the start or in the middle of its answer
  | 'SERVER_FAULT' // 5xx, or throttled
  | 'INVALID_ANSWER'; // not what InfluxDB 1.x answers: another kind of server, a proxy, a cut or endless body

/** Codes where the same call may succeed later, unchanged. */
const retryableCodes: ReadonlySet<InfluxHttpErrorCode> = new Set(['UNREACHABLE', 'TIMEOUT', 'SERVER_FAULT']);

export interface InfluxHttpErrorOptions extends ErrorOptions {
  readonly ambiguous?: boolean;
}

/** What `@ceres/influx-http` throws. Refused writes are no errors: they are a `WriteOutcome`. */
export class InfluxHttpError extends Error {
  override readonly name = 'InfluxHttpError';
  readonly code: InfluxHttpErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** Whether the server may have received the request, and may still be working on it. */
  readonly ambiguous: boolean;

  constructor(code: InfluxHttpErrorCode, message: string, options: InfluxHttpErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryable = retryableCodes.has(code);
    this.ambiguous = options.ambiguous ?? false;
  }
}
