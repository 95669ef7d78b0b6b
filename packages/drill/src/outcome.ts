import type { InstanceStatus, RestorePlan, RestoreReport, Verdict } from '@ceres/restore';
import type { Certificate, Route } from './certificate/certificate';
import type { ResolvedDrill } from './options';
import type { Sample } from './sample/choose-sample';
import type { FrozenBackup } from './sample/frozen-backup';
import type { DrillServer } from './server/drill-server';
import type { Stopwatch } from './stopwatch';

/** What a drill knows when it ends. */
export interface Outcome {
  readonly id: string;
  readonly beganMs: number;
  readonly endedMs: number;
  readonly settings: ResolvedDrill;
  readonly status: InstanceStatus;
  readonly backup: FrozenBackup;
  readonly sample: Sample | undefined;
  readonly plan: RestorePlan;
  readonly server: Pick<DrillServer, 'version' | 'snapshot'>;
  readonly route?: Route;
  readonly restored?: RestoreReport;
  readonly comparison?: Verdict;
  /** Why it could not go on. */
  readonly obstacle?: string;
  readonly stopwatch: Stopwatch;
  readonly earlier: readonly Certificate[];
  readonly ceresVersion: string;
}
