export { RestoreError, type RestoreErrorCode } from './errors';
export type { RestoreOptions, RestoreProgress } from './options/restore';
export { planRestore } from './plan/plan';
export type { PartitionPlan, PlannedFile, RestorePlan, Selection } from './plan/types';
export type { RestoreReport } from './replay/report';
export { restore } from './restore';
export type { FileFinding } from './verify/read-file';
export type { ComparisonOptions, Mismatch, Verdict, VerifyOptions } from './verify/types';
export { verify } from './verify/verify';
