/** Why a storage call failed. A caller's reaction depends on this alone, never on the message. */
export type StorageErrorCode =
  | 'NOT_FOUND' // no object under that key, or no such bucket or root directory
  | 'DENIED' // the credential or the file system forbids it; retrying cannot help
  | 'INVALID_KEY' // no storage, or not this one, can hold an object under that key
  | 'INVALID_OPTIONS' // an argument other than the key is wrong
  | 'SIZE_MISMATCH' // the body's length is not the declared one; nothing was stored
  | 'CHECKSUM_MISMATCH' // the body's bytes are not the declared ones; nothing was stored
  | 'UNAVAILABLE'; // network, throttling, a full disk or a server fault

/** What an error may carry beside its code and message. */
export interface StorageErrorDetails {
  readonly key?: string;
  /** Default: true for `UNAVAILABLE` only. */
  readonly retryable?: boolean;
  readonly cause?: unknown;
}

/** The one error of storages. The message says what happened, to what, and what to do next. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  readonly code: StorageErrorCode;
  /** The object's key, or the prefix of a listing, where the fault concerns one. */
  declare readonly key?: string;
  /** Whether the same call may succeed later without anybody's doing: what `retry` goes by. */
  readonly retryable: boolean;

  constructor(code: StorageErrorCode, message: string, details: StorageErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    if (details.key !== undefined) this.key = details.key;
    this.retryable = details.retryable ?? code === 'UNAVAILABLE';
  }
}
