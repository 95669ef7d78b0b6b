import type { CodedFault, ConnectionFault, FaultTarget } from '../object-store/faults';
import type { AzureMethod } from './call';

/** A fault, and the requests it hits. */
export type AzureFault = (ConnectionFault | CodedFault) & FaultTarget<AzureMethod>;
