export type { Clock, FileHandle, FileSystem } from '@ceres/internal';
export type { CallOptions, ObjectBody, ObjectInfo, ObjectReader, ObjectWriter } from './contract';
export { StorageError, type StorageErrorCode } from './errors';
export { formatKey, formatPrefix, type KeyParts, type Partition, type PrefixParts, parseKey } from './keys/format-key';
export { LocalStorage, type LocalStorageOptions } from './local/local-storage';
export { MemoryStorage, type MemoryStorageOptions } from './memory-storage';
export { listObjects } from './retry/list-objects';
export { readObject } from './retry/read-object';
export { type RetryOptions, retry } from './retry/retry';
