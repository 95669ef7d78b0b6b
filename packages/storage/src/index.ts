export type { Clock, FileHandle, FileSystem } from '@ceres/internal';
export type { CallOptions, ObjectBody, ObjectInfo, ObjectReader, ObjectWriter } from './contract';
export { StorageError, type StorageErrorCode } from './errors';
export type { NamedFile } from './heartbeat/contents';
export { formatKey, formatPrefix, type KeyParts, type Partition, type PrefixParts, parseKey } from './keys/format-key';
export {
  describeFinding,
  type LateFiles,
  type LedgerFinding,
  type LedgerGap,
  type LedgerPartition,
  type LostFiles,
  type SilentSink,
  type UnfinishedSeed,
  type UnnamedFiles,
  type UntrustedHeartbeat,
  type UnvouchedFiles,
} from './ledger/findings';
export type { CountNamed } from './ledger/read/named-keys';
export type { SinkState } from './ledger/read/sink-ledger';
export { type LedgerSurvey, type LedgerSurveyOptions, surveyLedgers, type Vouching } from './ledger/survey-ledgers';
export { LocalStorage, type LocalStorageOptions } from './local/local-storage';
export { MemoryStorage, type MemoryStorageOptions } from './memory-storage';
export { listObjects } from './retry/list-objects';
export { readObject } from './retry/read-object';
export { type RetryOptions, retry } from './retry/retry';
