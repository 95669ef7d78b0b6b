import { StorageError, type StorageErrorCode } from '../errors';

/** What the answer to a failed request means. `exists` and `nothing` are outcomes, not errors. */
export type AnswerMeaning = 'exists' | 'nothing' | StorageErrorCode;

/** A request that failed. An adapter adds what it tells one case from another by. */
export interface FailedRequest {
  /** The HTTP status, or `undefined` if the service has not answered. */
  readonly status: number | undefined;
  /** What the service or its client said, in one line. */
  readonly message: string;
}

/** One row of an adapter's table of answers. */
export interface AnswerRow<F extends FailedRequest = FailedRequest> {
  readonly means: AnswerMeaning;
  readonly when: (failure: F) => boolean;
  /** What the operator can do, a sentence without its period. */
  readonly remedy: string;
  /** Default: true for `UNAVAILABLE`, false for every other code. */
  readonly retryable?: boolean;
}

/** What a failed request means, and the error to throw if it is not an outcome. */
export interface Answer {
  readonly means: AnswerMeaning;
  readonly error: StorageError;
}

/** The call that failed, for the error's message. */
export interface FailedCall {
  /** The middle of a sentence, such as `store "a.gz" in gs://bucket`. */
  readonly what: string;
  readonly key: string;
  readonly cause: unknown;
}

/** Says what a failed request means. The first row that fits decides; the last row must fit every failure. */
export function explainFailure<F extends FailedRequest>(
  rows: readonly AnswerRow<F>[],
  failure: F,
  { what, key, cause }: FailedCall,
): Answer {
  const row = rows.find(({ when }) => when(failure));
  if (row === undefined) throw new TypeError('The last row must fit every failure.');
  const { means, remedy, retryable } = row;
  const code = means === 'exists' || means === 'nothing' ? 'INVALID_OPTIONS' : means;
  const status = failure.status === undefined ? '' : ` (HTTP ${failure.status})`;
  const message = `Cannot ${what}: ${failure.message}${status}. ${remedy}.`;
  const details = { key, cause, ...(retryable !== undefined && { retryable }) };
  return { means, error: new StorageError(code, message, details) };
}
