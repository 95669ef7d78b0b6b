export { type Deadline, orAborted, timerMsMax, untilAborted, withDeadline } from './abort';
export { type Clock, systemClock } from './clock';
export { parseDurationMs } from './duration';
export { type FileHandle, type FileSystem, nodeFileSystem } from './file-system';
export {
  type DirectoryCalls,
  errnoOf,
  ifExists,
  lacksHardLinks,
  makeDirectoriesBelow,
  makeDirectory,
  makeDirectoryDurable,
  syncDirectory,
  type WritableFile,
  writeAll,
} from './files';
export { nearestName } from './nearest-name';
export { type NumberRange, type OptionChecks, optionChecks } from './option-checks';
export { isPrecision, nanosecondsPer, type Precision, precisions } from './precision';
export { identityOf, type Liveness, livenessOf, type ProcessIdentity, thisProcess } from './process-identity';
export { remedyOf } from './remedies';
export { utcDay } from './utc-day';
