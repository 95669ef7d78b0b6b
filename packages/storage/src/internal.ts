// For other packages of Ceres only. Unstable: any release may change or remove what stands here.
export { type DrillKeyParts, drillKey, drillPrefix, parseDrillKey } from './drill/drill-key';
export {
  type HeartbeatFile,
  type HeartbeatStatement,
  heartbeatLimits,
  type NamedFile,
  type PendingFile,
} from './heartbeat/contents';
export { encodeHeartbeat, type HeartbeatFiles } from './heartbeat/encode-heartbeat';
export type { HeartbeatCode } from './heartbeat/faults';
export { formatNamedFile } from './heartbeat/format-lines';
export {
  formatHeartbeatKey,
  formatHeartbeatPrefix,
  type HeartbeatKeyParts,
  heartbeatFolder,
  heartbeatMs,
  isWholeDayKey,
  parseHeartbeatKey,
} from './heartbeat/heartbeat-key';
export { type Heartbeat, readHeartbeat } from './heartbeat/read-heartbeat';
export { readListed } from './heartbeat/read-listed';
export { instancePrefixes } from './instance-prefixes';
export { openedMsIn } from './keys/opened-ms';
export { type OpenSince, readOpenSince } from './ledger/open-since';
export { firstFiles, listInstances } from './retry/first-files';
export { encodeSeedManifest } from './seed/encode-manifest';
export { isManifestCode, type ManifestCode } from './seed/faults';
export {
  type SeedFile,
  type SeedManifest,
  type SeedPartition,
  type SeedSelection,
  type SeedShard,
  type SeedSource,
  seedLimits,
} from './seed/manifest';
export { readSeedManifest } from './seed/read-manifest';
export { type FinishedSeed, type LostFile, SeedIndex } from './seed/seed-index';
export {
  isFirstSeedMs,
  isOfBackup,
  isSeedName,
  mayBeSeedId,
  parseSchemaKey,
  parseSeedManifestKey,
  schemaKey,
  schemaPrefix,
  seedFileId,
  seedFileMs,
  seedManifestKey,
  seedPrefix,
} from './seed/seed-key';
export { UnfinishedSeeds } from './seed/unfinished-seeds';
