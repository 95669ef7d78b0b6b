import { StorageError } from '@ceres/storage';

/** Why planning, restoring or verifying failed. A caller's reaction depends on this alone, never on the message. */
export type RestoreErrorCode =
  | 'INVALID_OPTIONS' // refused before any I/O, or by what the target's schema lacks
  | 'TARGET_UNREACHABLE' // no answer within the patience; the journal resumes
  | 'TARGET_UNSUPPORTED' // not an InfluxDB 1.x
  | 'TARGET_QUERY_FAILED' // it answered a question or a statement with an error, such as a limit of its configuration
  | 'TARGET_NOT_EMPTY' // it holds points, and `intoExisting` was not asked for
  | 'TARGET_DENIED' // wrong credentials, or a user without the rights
  | 'NO_FILES' // nothing is selected
  | 'CORRUPT_FILE' // a file that cannot be trusted stands in the way
  | 'JOURNAL_MISMATCH' // the journal belongs to another plan or target, is in use, is damaged, or cannot be written
  | 'WIPE_REFUSED' // a wipe outside its bounds
  | 'TOO_MANY_REJECTS' // more than `rejectsMax`; the journal resumes
  | 'REJECTS_UNWRITABLE' // the folder for rejected records cannot be written
  | 'STORAGE'; // the backup cannot be listed or read; the journal resumes

/** The one error of this package: what happened, to what, and what to do next. */
export class RestoreError extends Error {
  override readonly name = 'RestoreError';
  readonly code: RestoreErrorCode;

  constructor(code: RestoreErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/**
 * @param again what to do once the storage is well
 * @returns a fault of the storage as ours, with what to do next; anything else as it is
 */
export function asStorageFault(error: unknown, doing: string, again = 'Run the same command again.'): unknown {
  if (!(error instanceof StorageError)) return error;
  const advice = adviceFor(error, again);
  return new RestoreError('STORAGE', `${doing} failed: ${error.message} ${advice}`.trim(), { cause: error });
}

function adviceFor({ code, retryable }: StorageError, again: string): string {
  if (code === 'DENIED') return 'The credential must be allowed to list and to get.';
  if (code === 'NOT_FOUND') return 'Check where the backup rests.';
  // For anything else the storage's own message is the advice: it will say the same again.
  return retryable ? again : '';
}
