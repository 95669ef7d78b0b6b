/** Says why a storage call failed. Callers react to the code, never to the message. */
export type StorageErrorCode =
  | 'NOT_FOUND' // no object with that key, or no such bucket or root directory
  | 'DENIED' // the credential or the file system forbids it; retrying cannot help
  | 'INVALID_KEY' // no storage, or not this one, can hold an object with that key
  | 'INVALID_OPTIONS' // an argument other than the key is wrong
  | 'SIZE_MISMATCH' // the body's length is not the declared one; nothing was stored
  | 'CHECKSUM_MISMATCH' // the body's MD5 is not the declared one; nothing was stored
  | 'UNAVAILABLE' // network, throttling, a full disk or a server fault
  | 'HEARTBEAT_CUT' // a heartbeat ends before its last line
  | 'HEARTBEAT_ALTERED' // a heartbeat's digest is not that of its lines, or what it says cannot be
  | 'HEARTBEAT_FOREIGN' // no sink of ours wrote it, or it speaks of another instance, sink or day than its key
  | 'HEARTBEAT_FUTURE' // a heartbeat claims a time that had not come when the storage created it
  | 'HEARTBEAT_NEWER' // a later version of Ceres wrote it
  | 'HEARTBEAT_TOO_LARGE' // no sink writes one of this size
  | 'SEED_CUT' // the manifest of a seed ends before its last line
  | 'SEED_ALTERED' // a manifest's digest is not that of its lines, or what it says cannot be
  | 'SEED_FOREIGN' // no seed of ours wrote it, or it speaks of another instance or seed than its key
  | 'SEED_NEWER' // a later version of Ceres wrote it
  | 'SEED_TOO_LARGE'; // no seed writes one of this size

/** What a `StorageError` may carry beside its code and message. */
export interface StorageErrorDetails {
  readonly key?: string;
  /** Default: true for `UNAVAILABLE`, false for every other code. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** The error that every storage throws. Its message says what happened, to what, and what to do next. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  /** The key of the object, or the prefix of the listing, that the call was about. */
  declare readonly key?: string;
  /** True if the same call may succeed later although no one changes anything. `retry` retries only such errors. */
  readonly retryable: boolean;

  constructor(code: StorageErrorCode, message: string, details: StorageErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.key !== undefined) this.key = details.key;
    this.retryable = details.retryable ?? code === 'UNAVAILABLE';
  }
}
