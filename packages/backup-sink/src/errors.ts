import { remedyOf } from '@ceres/internal';

/** Says why a call to a sink failed. Callers react to the code, never to the message. */
export type SinkErrorCode =
  | 'INVALID_OPTIONS' // an option that is unknown or out of its bounds
  | 'INVALID_NAME' // an instance, database or policy that no file can be named after
  | 'INVALID_DATA' // a point or line that cannot be stored; nothing of its write was
  | 'SPOOL_FULL' // `spoolBytesMax` is reached and `onSpoolFull` is 'reject', or one write alone exceeds it
  | 'SPOOL_LOCKED' // another sink owns the spool directory, or took it over from this one
  | 'SPOOL_UNWRITABLE' // the disk refused; the write is not acked, though a crash may yet bring it back, whole
  | 'SPOOL_NEWER' // a later version of this package wrote the spool
  | 'CLOSED' // the sink is closed or closing
  | 'PARKED'; // the storage refuses the file for good: it stays in the spool and is retried hourly

/** The only error that a sink throws for faults outside this package. Match on `code`; `cause` is the error of the layer below. */
export class SinkError extends Error {
  override readonly name = 'SinkError';
  readonly code: SinkErrorCode;
  /** True if the same call may succeed later, without anyone acting. */
  readonly retryable: boolean;

  constructor(code: SinkErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.retryable = code === 'SPOOL_FULL' || code === 'SPOOL_UNWRITABLE';
  }
}

/** Returns anything thrown as an Error, for places that keep or report it. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/** Returns the error for a failed disk of the spool. A SinkError stays as it is. */
export function unwritable(path: string, thrown: unknown): SinkError {
  if (thrown instanceof SinkError) return thrown;
  const { message } = asError(thrown);
  const what = `Cannot work on ${path}: ${message.replace(/\.$/, '')}. ${remedyOf(thrown)}.`;
  return new SinkError('SPOOL_UNWRITABLE', what, { cause: thrown });
}
