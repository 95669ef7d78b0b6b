/** Options that every call of a storage takes. */
export interface CallOptions {
  /** Ends the call: it rejects with the signal's reason and leaves nothing half-made. */
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that can be read again from the start, so that a failed attempt can be repeated. */
export interface ObjectBody {
  /** The exact size. A body that is shorter or longer is refused with `SIZE_MISMATCH`, and nothing is stored. */
  readonly sizeBytes: number;
  /** The MD5 of the bytes in base64. A body with another one is refused with `CHECKSUM_MISMATCH`, and nothing is stored. */
  readonly md5?: string;
  /**
   * The CRC-32 of the bytes, as gzip computes it. Where we verify a body ourselves, this is checked instead of the MD5, at a tenth of the
   * CPU; a body with another one is refused with `CHECKSUM_MISMATCH`, too.
   */
  readonly crc32?: number;
  /**
   * Opens a new stream. Called for each attempt, and again by a storage that needs a digest before it sends the first byte. The storage
   * owns every chunk it gets: do not reuse its memory.
   */
  open(): AsyncIterable<Uint8Array>;
}

/**
 * The half of a storage that works with a create-only credential. A sink sees nothing else.
 *
 * No storage deletes or overwrites anything: the lifecycle rules of the bucket do.
 */
export interface ObjectWriter {
  /**
   * Creates an object, whole or not at all, and resolves once the storage reports it durable. Makes one attempt: see `retry`.
   *
   * `'exists'` is an outcome, not an error: there is an object with this key, and it stays as it is. Keys are unique, so
   * an earlier attempt whose reply was lost has succeeded.
   *
   * @throws StorageError `INVALID_KEY`, `INVALID_OPTIONS`, `NOT_FOUND` (no such bucket), `DENIED`, `SIZE_MISMATCH`,
   * `CHECKSUM_MISMATCH` or `UNAVAILABLE`. Errors that `body` throws while it is read pass unchanged.
   */
  put(key: string, body: ObjectBody, options?: CallOptions): Promise<'created' | 'exists'>;
}

/** One object of a listing. */
export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number;
  /** When the object was created by the storage's clock, in whole ms since the epoch. */
  readonly createdMs: number;
}

/** The half of a storage that a restore needs. */
export interface ObjectReader {
  /**
   * Streams the objects whose keys begin with `prefix`, in the order of the UTF-8 bytes of their keys. The memory it needs
   * does not grow with their number. The prefix may end anywhere in a name; `''` lists everything. The listing
   * begins after the key `startAfter`, whether or not it exists.
   *
   * @throws StorageError with the first read: `INVALID_KEY`, `NOT_FOUND` (no such bucket), `DENIED` or `UNAVAILABLE`
   */
  list(prefix: string, options?: CallOptions & { readonly startAfter?: string }): AsyncIterable<ObjectInfo>;
  /**
   * Streams an object's bytes as stored, from `start` (default: 0) up to but not including `end` (default: the object's
   * size). An `end` beyond the size means the size; a `start` at or beyond it yields nothing. Ends normally only after
   * the last byte. Makes one attempt: see `readObject`.
   *
   * @throws StorageError with the first read: `NOT_FOUND`, `INVALID_KEY`, `INVALID_OPTIONS`, `DENIED`; `UNAVAILABLE` at any read
   */
  get(
    key: string,
    options?: CallOptions & { readonly start?: number; readonly end?: number },
  ): AsyncIterable<Uint8Array>;
}
