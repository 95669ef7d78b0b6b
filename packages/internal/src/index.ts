export { type Deadline, listen, orAborted, timerMsMax, untilAborted, withDeadline } from './abort';
export { countOf } from './count-of';
export { cut } from './cut';
export { greatest, least } from './extremes';
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
} from './files/durable-files';
export { type FileHandle, type FileSystem, nodeFileSystem } from './files/file-system';
export { remedyOf } from './files/remedies';
export {
  type Hash64,
  type HashLanes,
  hashBeginning,
  hashBytes,
  hashText,
  mixHigh,
  mixInto,
  mixLow,
} from './hash64';
export { type Metric, metricsText } from './metrics-text';
export { parseDurationMs } from './options/duration';
export { listNames, nearestName, whatThereIs } from './options/nearest-name';
export { type NumberRange, type OptionChecks, optionChecks } from './options/option-checks';
export { isPrecision, nanosecondsPer, type Precision, precisions } from './precision';
export { identityOf, type Liveness, livenessOf, type ProcessIdentity, thisProcess } from './process-identity';
export { commandLine, shellWord } from './shell';
export { type Clock, systemClock } from './time/clock';
export { fullSpeed, Pace } from './time/pace';
export { PaceBesideOthers } from './time/pace-beside-others';
export { Rate } from './time/rate';
export { utcDay } from './time/utc-day';
