import type { Ack } from './ack';

/** How one write differs from the sink's settings. */
export interface WriteOptions {
  /** Default: the sink's. */
  readonly ack?: Ack;
  /** Stops waiting, for room or for `stored`. Lines that are in the spool by then stay there, and are stored. */
  readonly signal?: AbortSignal;
}
