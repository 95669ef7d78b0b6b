import type { WriteOutcome } from '@ceres/influx-http';

/** Every outcome but success. */
export type WriteFailure = Exclude<WriteOutcome, { kind: 'stored' }>;

/**
 * InfluxDB did not store a write, or not wholly, or never answered it. Thrown where the wrapped client has no error of
 * its own for that; `code` is the outcome's, and `PARTLY` where InfluxDB stored the rest of the batch.
 */
export class InfluxWriteError extends Error {
  override readonly name = 'InfluxWriteError';
  readonly code: Exclude<WriteFailure, { kind: 'partly' }>['code'] | 'PARTLY';
  /** Whether the same write may succeed later. */
  readonly retryable: boolean;
  readonly outcome: WriteFailure;

  constructor(outcome: WriteFailure) {
    super(`InfluxDB: ${outcome.message}`);
    this.outcome = outcome;
    this.code = outcome.kind === 'partly' ? 'PARTLY' : outcome.code;
    this.retryable = outcome.kind === 'retry';
  }
}

/** InfluxDB may have stored the write, or may still be at it. */
export function noAnswerWithin(timeoutMs: number): WriteFailure {
  const message = `no answer within ${timeoutMs} ms (influxTimeoutMs); the write may be stored all the same`;
  return { kind: 'retry', code: 'TIMEOUT', ambiguous: true, message };
}
