// For other packages of Ceres only. Unstable: any release may change or remove what stands here.
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
export { openedMsIn } from './keys/opened-ms';
export { firstFiles, listInstances } from './retry/first-files';
