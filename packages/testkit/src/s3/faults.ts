import type { CodedFault, ConnectionFault, FaultTarget } from '../object-store/faults';
import type { S3Method } from './call';

/** A fault, and the requests it hits. */
export type S3Fault = (ConnectionFault | CodedFault) & FaultTarget<S3Method>;
