export { type Deadline, orAborted, untilAborted, withDeadline } from '@ceres/internal';
export { type ByteRange, resolveRange } from './byte-range';
export type { StorageErrorDetails } from './errors';
export {
  type Answer,
  type AnswerMeaning,
  type AnswerRow,
  explainFailure,
  type FailedCall,
  type FailedRequest,
} from './for-adapters/answers';
export { type Download, type DownloadCall, download } from './for-adapters/download';
export { decodeFolder, resolveFolder } from './for-adapters/folder';
export { checkCanary, doctorFolder, type StoreFault, type StoreProbe } from './for-adapters/store-probe';
export { type CanaryCall, tryOnCanary } from './for-adapters/try-on-canary';
export { type Watch, watched } from './for-adapters/watched';
export { refuseWrongBody, WatchedBody } from './for-adapters/watched-body';
export { checkKey, checkPrefix } from './keys/check-key';
export { compareKeys } from './keys/compare-keys';
export { type ReadBodyOptions, readBody } from './read-body';
