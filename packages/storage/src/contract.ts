/** What every call of a storage takes. */
export interface CallOptions {
  /** Stops the call: it rejects with the signal's reason and leaves nothing half-made. */
  readonly signal?: AbortSignal | undefined;
}

/** Bytes that can be read again from the start, so that a failed attempt can be repeated. */
export interface ObjectBody {
  /** Exact: a body that turns out shorter or longer is refused with `SIZE_MISMATCH` and nothing is stored. */
  readonly sizeBytes: number;
  /** MD5 of the bytes, base64: a body that does not match is refused with `CHECKSUM_MISMATCH` and nothing is stored. */
  readonly md5?: string;
  /** Opens a fresh stream; called once per attempt. A chunk once yielded belongs to the storage: do not reuse its memory. */
  open(): AsyncIterable<Uint8Array>;
}

/**
 * The half of a storage that a create-only credential can serve, and all that the sink ever sees.
 * There is no delete and no overwrite anywhere: expiry belongs to the bucket's lifecycle rules.
 */
export interface ObjectWriter {
  /**
   * Creates an object, whole or not at all; resolves once the storage calls it durable. Makes one attempt: see `retry`.
   *
   * `'exists'` is an outcome, not a fault: an object rests under that key, untouched. Keys are unique, so it is
   * what an earlier attempt left whose reply was lost.
   *
   * @throws StorageError `INVALID_KEY`, `INVALID_OPTIONS`, `NOT_FOUND` (no such bucket), `DENIED`, `SIZE_MISMATCH`,
   * `CHECKSUM_MISMATCH` or `UNAVAILABLE`. What `body` throws while it is read is thrown on unchanged.
   */
  put(key: string, body: ObjectBody, options?: CallOptions): Promise<'created' | 'exists'>;
}

/** One object of a listing. */
export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number;
  /** By the storage's clock, whole ms since the epoch. */
  readonly createdMs: number;
}

/** The half of a storage that a restore needs. */
export interface ObjectReader {
  /**
   * Streams the objects whose key begins with `prefix`, in byte order of their UTF-8 keys (`compareKeys`), in flat
   * memory. The prefix need not end at a `/`; `''` lists everything. `startAfter` is exclusive and need not exist.
   *
   * @throws StorageError with the first read: `INVALID_KEY`, `NOT_FOUND` (no such bucket), `DENIED` or `UNAVAILABLE`
   */
  list(prefix: string, options?: CallOptions & { readonly startAfter?: string }): AsyncIterable<ObjectInfo>;
  /**
   * Streams an object's bytes as stored, from `start` (default 0) up to and without `end` (default: its size). An
   * `end` past the size is the size; a `start` at or past it yields nothing. Ends normally only after every byte.
   * Makes one attempt: see `readObject`.
   *
   * @throws StorageError with the first read: `NOT_FOUND`, `INVALID_KEY`, `INVALID_OPTIONS`, `DENIED`; `UNAVAILABLE` at any read
   */
  get(
    key: string,
    options?: CallOptions & { readonly start?: number; readonly end?: number },
  ): AsyncIterable<Uint8Array>;
}
