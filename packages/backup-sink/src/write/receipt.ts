import { check, checkedSignal } from '../options/check';
import { type Ack, acks } from '../options/write-options';

/** What happened to a write. */
export interface Receipt {
  /** Lines of the write; those in quarantine do not count. */
  readonly lines: number;
  readonly bytes: number;
  /** Records that went to quarantine, under `onInvalid: 'quarantine'`. */
  readonly quarantined: number;
  /** How far the write had come when it was acked. */
  readonly ack: Ack;
  /**
   * Resolves when the write has come as far as `level`. Waiting for `stored` seals the file within a second.
   *
   * @throws SinkError `PARKED` if the storage refuses the file for good, `SPOOL_UNWRITABLE` for a `buffered` write that the disk
   * refused, or a file of which it kept nothing, `CLOSED` or `SPOOL_LOCKED` if the sink was closed or lost its spool before,
   * `INVALID_OPTIONS` for another level; the signal's reason
   */
  reached(level: Ack, options?: { readonly signal?: AbortSignal }): Promise<void>;
}

/** Waits for the levels of a write. */
export interface Levels {
  spooled(signal?: AbortSignal): Promise<unknown>;
  stored(signal?: AbortSignal): Promise<unknown>;
}

export function makeReceipt(counts: Omit<Receipt, 'reached'>, levels: Levels): Receipt {
  return {
    ...counts,
    async reached(level, options = {}) {
      check.oneOf('level', level, acks);
      const signal = checkedSignal('Receipt.reached()', options);
      if (level === 'spooled') await levels.spooled(signal);
      if (level === 'stored') await levels.stored(signal);
    },
  };
}
