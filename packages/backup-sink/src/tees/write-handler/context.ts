import type { Precision } from '@ceres/lineproto';
import type { Logger } from '../../report/logger';
import type { BackupFirst } from '../backup-first/backup-first';
import type { Upstream } from './influx/upstream';
import type { BodyBudget } from './request/body-budget';
import type { BodyLimits } from './request/request-body';

/** What the requests of one handler share. */
export interface HandlerContext {
  readonly first: BackupFirst;
  readonly upstream: Upstream;
  readonly limits: BodyLimits;
  readonly budget: BodyBudget;
  readonly influxTimeoutMs: number;
  /** The sink's: what is backed up is forwarded in it. */
  readonly storedPrecision: Precision;
  readonly logger: Logger;
}
