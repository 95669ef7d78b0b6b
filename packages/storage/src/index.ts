// @ceres/storage, and @ceres/storage/conformance at the end

export interface Partition {
  readonly instance: string;
  readonly database: string /** Absent or `''`: the default policy. */;
  readonly retentionPolicy?: string;
}
/** `day` is YYYYMMDD (UTC) of the UUIDv7 `id`. */
export interface KeyParts extends Partition {
  readonly day: string;
  readonly id: string;
  readonly quarantine?: boolean;
}
export declare function formatKey(parts: KeyParts): string;
export declare function parseKey(key: string): KeyParts | undefined;

export type StorageErrorCode =
  | 'NOT_FOUND'
  | 'DENIED'
  | 'INVALID_KEY'
  | 'INVALID_OPTIONS'
  | 'SIZE_MISMATCH'
  | 'CHECKSUM_MISMATCH'
  | 'UNAVAILABLE';
export declare class StorageError extends Error {
  readonly code: StorageErrorCode;
  readonly key?: string;
  readonly retryable: boolean;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
}
/** Bytes that can be read again from the start, so that a failed attempt can be repeated. */
export interface ObjectBody {
  readonly sizeBytes: number /** Base64. */;
  readonly md5?: string;
  open(): AsyncIterable<Uint8Array>;
}
/** All that a create-only credential can serve, and all that the sink ever sees. */
export interface ObjectWriter {
  put(key: string, body: ObjectBody, options?: CallOptions): Promise<'created' | 'exists'>;
}
export interface ObjectInfo {
  readonly key: string;
  readonly sizeBytes: number /** By the storage's clock, ms since the epoch. */;
  readonly createdMs: number;
}
export interface ObjectReader {
  /** `startAfter` is exclusive. */
  list(prefix: string, options?: CallOptions & { readonly startAfter?: string }): AsyncIterable<ObjectInfo>;
  /** Bytes as stored, from `start` up to and without `end`; errors come with the first read. */
  get(
    key: string,
    options?: CallOptions & { readonly start?: number; readonly end?: number },
  ): AsyncIterable<Uint8Array>;
}

export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
export interface RetryOptions {
  readonly attemptsMax?: number;
  readonly delayMsMin?: number;
  readonly delayMsMax?: number;
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
}
export declare function retry<T>(
  attempt: (signal: AbortSignal, n: number) => Promise<T>,
  options?: RetryOptions,
): Promise<T>;
/** `get` resumed from where it broke. */
export declare function readObject(
  reader: ObjectReader,
  key: string,
  options?: RetryOptions,
): AsyncIterable<Uint8Array>;

export interface FileHandle {
  write(
    buffer: Uint8Array,
    offset?: number,
    length?: number,
    position?: number | null,
  ): Promise<{ bytesWritten: number }>;
  read(buffer: Uint8Array, offset: number, length: number, position: number | null): Promise<{ bytesRead: number }>;
  sync(): Promise<void>;
  datasync(): Promise<void>;
  truncate(len: number): Promise<void>;
  close(): Promise<void>;
}
/** The calls of `node:fs/promises` that Ceres uses; node's own, memfs and the fault-injecting fs all fit. */
export interface FileSystem {
  open(path: string, flags: string): Promise<FileHandle>;
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  readdir(path: string): Promise<string[]>;
  lstat(
    path: string,
  ): Promise<{ size: number; mtimeMs: number; isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }>;
}
export declare class LocalStorage implements ObjectWriter, ObjectReader {
  constructor(rootDir: string, options?: { readonly fs?: FileSystem; readonly clock?: Clock });
  put: ObjectWriter['put'];
  list: ObjectReader['list'];
  get: ObjectReader['get'];
}
export declare class MemoryStorage implements ObjectWriter, ObjectReader {
  constructor(options?: { readonly fail?: (call: 'put' | 'list' | 'get', key: string) => StorageError | undefined });
  put: ObjectWriter['put'];
  list: ObjectReader['list'];
  get: ObjectReader['get'];
}
