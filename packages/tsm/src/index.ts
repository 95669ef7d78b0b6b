export { decodeBlock, encodeBlock } from './blocks/block';
export { ByteWriter } from './bytes';
export { type Column, ColumnBuffer, type ColumnValue, type FieldType, valueAt } from './column';
export type { ScratchOptions } from './containers/archive/scratch';
export type { ShardContainer, StoredShard } from './containers/contract';
export { type DataDirectoryOptions, openDataDirectory } from './containers/data-directory/open-data-directory';
export { openPortableFolder, type PortableFolder } from './containers/portable/portable-folder';
export { PortableWriter, type PortableWriterOptions } from './containers/portable/portable-writer';
export type { ShardName } from './containers/shard-name';
export { isLoopback, parseSnapshotUrl, type SnapshotAddress } from './containers/snapshot/address';
export { openSnapshotService, type SnapshotContainerOptions } from './containers/snapshot/open-snapshot-service';
export type { SnapshotOptions } from './containers/snapshot/options';
export { type ShardRequest, SnapshotService } from './containers/snapshot/snapshot-service';
export { TsmError, type TsmErrorCode } from './errors';
export { type ByteSource, bytesSource, fileSource } from './files/byte-source';
export { compareTsmFileNames, parseTsmFileName, type TsmFileName, tsmFileName } from './files/file-name';
export type { TsmBlock, TsmKey } from './files/index/tsm-key';
export { joinKey, KeyJoiner, type SplitKey, splitKey } from './files/key';
export { TsmReader } from './files/tsm-reader';
export type { ByteSink } from './files/write/byte-sink';
export { TsmWriter } from './files/write/tsm-writer';
export { WriterMemory } from './files/write/writer-memory';
export type { TsmWriterOptions } from './files/write/writer-options';
export { PointLines } from './lines/point-lines';
export type {
  DatabaseMeta,
  RetentionPolicyMeta,
  ShardGroupMeta,
  StorageMeta,
  SubscriptionMeta,
  UserMeta,
} from './meta/storage-meta';
export type { DoubtfulPoints, SalvageLoss, SalvageOptions, UncheckedNames } from './salvage/contract';
export type {
  BatchField,
  FieldColumn,
  PointBatch,
  ReadRange,
  Shard,
  ShardFile,
  ShardFiles,
} from './shards/contract';
export { openShard } from './shards/open-shard';
export { ShardWriter, type ShardWriterOptions, type TsmFileSink } from './shards/shard-writer';
export type { WalCut } from './shards/wal/read-wal';
export { compareWords, HIGH, LOW } from './words';
