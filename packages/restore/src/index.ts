export type {
  CompiledField,
  CompiledFile,
  CompiledMeasurement,
  CompiledShard,
  KnownType,
  ShardPlace,
} from './compile/compiled-shard';
export { type CompilePreview, type CompileReport, compile, previewCompile } from './compile/folder/compile';
export { diagnose } from './diagnose/diagnose';
export type { Cure, Diagnosis, Disaster, DisasterKind } from './diagnose/types';
export { type GoOn, RestoreError, type RestoreErrorCode } from './errors';
export { estimateRestore } from './estimate';
export { heal } from './heal/heal';
export type { HealReport } from './heal/heal-report';
export type { NativeOptions } from './native/options';
export type { CompileOptions } from './options/compile';
export type { DiagnoseOptions } from './options/diagnose';
export type { HealedValue, HealOptions, HealPreview } from './options/heal';
export type { RestoreOptions, RestoreProgress } from './options/restore';
export type { ComparisonOptions, FolderComparisonOptions, ProgressOptions, VerifyOptions } from './options/verify';
export type { WatchOptions } from './options/watch';
export { planRestore } from './plan/plan';
export type { SelectedLines } from './plan/selected-lines';
export type { PartitionPlan, PlannedFile, RestorePlan, Selection } from './plan/types';
export {
  type EarlierRuns,
  type OtherDefault,
  type PreviewedExpiry,
  previewRestore,
  type RestorePreview,
} from './preview';
export type { ServerEvent } from './progress/server-watch';
export type { StepProgress } from './progress/steps';
export type { FileFinding, FileProblem } from './read/finding';
export type { RestoreReport } from './restore';
export { restore } from './restore';
export type { ServerShard } from './server/connection';
export type { LeftOut, LeftOutCause } from './server/left-out/left-out';
export type { IgnoredPolicy } from './server/policies/ignored-policies';
export type { SchemaReport } from './server/schema-file/create-queries';
export type { DroppedPolicy, PointCount } from './server/wipe/dropped-policies';
export { backupStatus } from './status/backup-status';
export type {
  Activity,
  BackupStatus,
  DayStatus,
  HourStatus,
  InstanceStatus,
  PartitionStatus,
  SeedStatus,
  StatusOptions,
} from './status/types';
export type { DifferingPoint, Mismatch, NotCompared, PolicyDigest, SeedOnly, Verdict } from './verify/verdict';
export { verify } from './verify/verify';
export type {
  RangeReason,
  UnjudgedTime,
  WatchAlarm,
  WatchAlarmKind,
  WatchCoverage,
  WatchEvent,
  WatchExample,
  WatchReport,
} from './watch/types';
export { watch } from './watch/watch';
