import { type Ack, checkAck } from '../options/ack';
import { checkNames, checkSignal } from '../options/arguments';

/** What became of a write. */
export interface Receipt {
  /** Stored lines; those in quarantine do not count. */
  readonly lines: number;
  readonly bytes: number;
  /** Records that were set aside under `onInvalid: 'quarantine'`. */
  readonly quarantined: number;
  /** What it has been acked as. */
  readonly ack: Ack;
  /**
   * Resolves when the write has come that far. Waiting for `stored` seals the file within a second.
   *
   * @throws SinkError `PARKED` if the storage refuses the file for good, `SPOOL_UNWRITABLE` for a `buffered` write that the disk
   * refused, or a file of which it kept nothing, `CLOSED` or `SPOOL_LOCKED` if the sink was closed or lost its spool before,
   * `INVALID_OPTIONS` for another word; the signal's reason
   */
  reached(level: Ack, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** How a write's levels are waited for. */
export interface Levels {
  spooled(signal?: AbortSignal): Promise<unknown>;
  stored(signal?: AbortSignal): Promise<unknown>;
}

export function makeReceipt(counts: Omit<Receipt, 'reached'>, levels: Levels): Receipt {
  return {
    ...counts,
    async reached(level, options = {}) {
      checkAck('reached()', level);
      checkNames('reached()', options, ['signal']);
      const { signal } = options;
      checkSignal('reached()', signal);
      signal?.throwIfAborted();
      if (level === 'spooled') await levels.spooled(signal);
      if (level === 'stored') await levels.stored(signal);
    },
  };
}
