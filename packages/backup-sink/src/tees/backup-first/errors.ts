import type { WriteOutcome } from '@ceres/influx-http';
import type { Receipt } from '../../write/receipt';

/** Every outcome but success. */
export type WriteFailure = Exclude<WriteOutcome, { kind: 'stored' }>;

/**
 * Says that InfluxDB did not store a write, or only a part of it, or never answered. Thrown where the wrapped client has no
 * error of its own for that. `code` is the outcome's, or `PARTLY` where InfluxDB stored the rest of the batch.
 */
export class InfluxWriteError extends Error {
  override readonly name = 'InfluxWriteError';
  readonly code: Exclude<WriteFailure, { kind: 'partly' }>['code'] | 'PARTLY';
  /** True if the same write may succeed later. */
  readonly retryable: boolean;
  readonly outcome: WriteFailure;

  constructor(outcome: WriteFailure) {
    super(`InfluxDB: ${outcome.message}`);
    this.outcome = outcome;
    this.code = outcome.kind === 'partly' ? 'PARTLY' : outcome.code;
    this.retryable = outcome.kind === 'retry';
  }
}

/** Returns the outcome of a write that InfluxDB may have stored, or may still be storing. */
export function noAnswerWithin(timeoutMs: number): WriteFailure {
  const message = `no answer within ${timeoutMs} ms (\`influxTimeoutMs\`); the write may be stored all the same`;
  return { kind: 'retry', code: 'TIMEOUT', ambiguous: true, message };
}

/** What a tee adds to InfluxDB's error: the points are in the backup, and the receipt of that. */
export interface BackedUp {
  readonly backup: Receipt;
}

/** Says whether an error came after the backup: then the write does not need to be repeated to be restorable. */
export function isBackedUp(error: unknown): error is Error & BackedUp {
  return error instanceof Error && 'backup' in error;
}

/** Adds the receipt to the error and returns the same object, so that the caller's checks of `instanceof` and `code` still work. */
export function withBackup(error: Error, backup: Receipt): Error {
  return Object.isExtensible(error) ? Object.assign(error, { backup }) : error;
}

/** Says whether an error, ours or that of a wrapped client, is InfluxDB's 401 or 403. */
export function isUnauthorized(error: Error): boolean {
  if (error instanceof InfluxWriteError) return error.code === 'UNAUTHORIZED';
  // The v2 and v3 clients have the status on the error, node-influx on the answer that the error holds.
  const { statusCode, res } = error as {
    readonly statusCode?: unknown;
    readonly res?: { readonly statusCode?: unknown };
  };
  const status = statusCode ?? res?.statusCode;
  return status === 401 || status === 403;
}
