import type { ConnectionFault, FaultTarget } from '../object-store/faults';
import type { GcsMethod } from './call';

/** The request is answered with this status instead of being carried out. An upload is read to its end first. */
interface StatusFault {
  readonly kind: 'status';
  readonly status: number;
  readonly message?: string;
  readonly reason?: string;
}

/** A fault, and the requests it hits. */
export type GcsFault = (ConnectionFault | StatusFault) & FaultTarget<GcsMethod>;
