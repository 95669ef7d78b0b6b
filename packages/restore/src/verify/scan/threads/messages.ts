import type { Precision } from '@ceres/lineproto';
import type { Fault } from '../../../compile/threads/messages';
import type { BackupSumsContent } from '../backup-sums';
import type { ScannedPolicy } from '../record-scanner';

/** What a thread that sums up is made with. */
export interface ScanThreadData {
  readonly scratchDir: string;
  /** The memory that batches are copied into. */
  readonly ring: SharedArrayBuffer;
  /** The memory that batches may lie in already. */
  readonly lines?: SharedArrayBuffer | undefined;
}

/** A batch: in the ring, where the lines are, or, if it is too large for the ring, copied. */
export interface ScanBatch {
  readonly policy: ScannedPolicy;
  readonly precision: Precision;
  readonly at?: number;
  readonly length?: number;
  readonly isInLines?: true;
  readonly bytes?: Uint8Array;
}

export type ScanRequest = { readonly batch: ScanBatch } | 'finish' | 'close';

/** One answer to each request, in order. Nothing follows a fault. */
export type ScanAnswer = 'added' | 'closed' | { readonly sums: BackupSumsContent } | { readonly fault: Fault };
