export { type Deadline, orAborted, untilAborted, withDeadline } from '@ceres/internal';
export { type ByteRange, resolveRange } from './byte-range';
export type { StorageErrorDetails } from './errors';
export { checkKey, checkPrefix } from './keys/check-key';
export { compareKeys } from './keys/compare-keys';
export { type ReadBodyOptions, readBody } from './read-body';
