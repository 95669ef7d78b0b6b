import { StorageError } from '@ceres/storage';

/** Says why planning, restoring or verifying failed. Callers react to the code, never to the message. */
export type RestoreErrorCode =
  | 'INVALID_OPTIONS' // an option is wrong, or the server lacks a policy that no option describes
  | 'SERVER_UNREACHABLE' // the server did not answer for as long as the patience lasts; the journal resumes
  | 'SERVER_UNSUPPORTED' // the server is not an InfluxDB 1.x, or does not list what it says it created or dropped
  | 'SERVER_QUERY_FAILED' // the server answered a query or statement with an error, such as a limit of its configuration
  | 'SERVER_NOT_EMPTY' // the server holds points, and `intoExisting` is not set
  | 'SERVER_DENIED' // the credentials are wrong, or the user lacks the rights
  | 'NO_FILES' // a filter matches nothing: no file is selected, or no point of the files
  | 'JOURNAL_MISMATCH' // the journal belongs to another plan or server, is in use, is damaged, or cannot be written
  | 'WIPE_REFUSED' // a wipe could drop points that the plan does not bring back
  | 'TOO_MANY_REJECTS' // the server refused more than `rejectsMax` records; the journal resumes
  | 'REJECTS_UNWRITABLE' // the folder for rejected records cannot be written
  | 'SALVAGE_UNWRITABLE' // the folder for what can be read of damaged files cannot be written
  | 'SCRATCH_FULL' // the scratch folder cannot hold what compiling needs
  | 'SNAPSHOT_SERVICE' // the snapshot service cannot be used, or is that of another server; the journal resumes
  | 'NATIVE_REFUSED' // this cannot be restored natively, but over HTTP
  | 'NOT_LOADED' // the server does not show what was loaded into a shard; the journal resumes
  | 'OUT_REFUSED' // the folder for a compiled backup is not empty or cannot be written, or its metadata would be too large
  | 'SCHEMA_REFUSED' // the backup holds no schema, or one with a line that no schema has; nothing of it was run
  | 'HEAL_REFUSED' // healing could overwrite a newer value, or change what another disaster, or another database, explains better; nothing was written
  | 'STATE_UNUSABLE' // the file that a watch remembers in cannot be read or written
  | 'STORAGE'; // the backup cannot be listed or read; the journal resumes

/** The options to add with which the same call goes on, if what refuses it is known. */
export interface GoOn {
  /** The names of findings. */
  readonly accept?: readonly string[];
  readonly largeDamage?: boolean;
}

/** The error of this package. Its message says what happened, to what, and what to do next. */
export class RestoreError extends Error {
  override readonly name = 'RestoreError';
  readonly code: RestoreErrorCode;
  /** Set with `HEAL_REFUSED` where options say that what refuses it is known. */
  readonly goOn?: GoOn;

  constructor(
    code: RestoreErrorCode,
    message: string,
    { goOn, ...options }: { readonly cause?: unknown; readonly goOn?: GoOn } = {},
  ) {
    super(message, options);
    this.code = code;
    if (goOn !== undefined) this.goOn = goOn;
  }
}

/** Returns the error for a selection that matches no file. */
export function noFiles(instance: string): RestoreError {
  const todo = 'Check the storage, the name of the instance (`ceres ls` shows them) and the filters.';
  return new RestoreError('NO_FILES', `No file of '${instance}' is selected. ${todo}`);
}

/** Returns the error for a wipe that was refused before anything was dropped. */
export function wipeRefused(why: string): RestoreError {
  return new RestoreError('WIPE_REFUSED', `Nothing was wiped: ${why}.`);
}

/**
 * Returns a fault of the storage as an error of this package, with what to do next; returns any other error as it is.
 *
 * @param doing what failed, such as `Listing the files`
 * @param again what to do once the storage works again
 */
export function asStorageFault(error: unknown, doing: string, again = 'Run the same command again.'): unknown {
  if (!(error instanceof StorageError)) return error;
  const advice = adviceFor(error, again);
  return new RestoreError('STORAGE', `${doing} failed: ${error.message} ${advice}`.trim(), { cause: error });
}

function adviceFor({ code, retryable }: StorageError, again: string): string {
  if (code === 'DENIED') return 'Allow the credential to list and get objects.';
  if (code === 'NOT_FOUND') return 'Check the URL of the backup.';
  // Any other fault repeats itself: the storage's own message is the advice.
  return retryable ? again : '';
}
