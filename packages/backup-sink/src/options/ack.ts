import { SinkError } from '../errors';

/**
 * How far a write has come: `buffered` in memory (a crash loses it), `spooled` fsynced to the spool (the default: it
 * survives the crash of process and host), `stored` in the storage.
 */
export type Ack = 'buffered' | 'spooled' | 'stored';

const order: readonly Ack[] = ['buffered', 'spooled', 'stored'];

export function isAck(value: unknown): value is Ack {
  return order.includes(value as Ack);
}

/** @throws SinkError `INVALID_OPTIONS` for a level that there is not: it would be reached at once */
export function checkAck(what: string, level: unknown): void {
  if (isAck(level)) return;
  throw new SinkError(
    'INVALID_OPTIONS',
    `${what} was given ${String(level)}: it must be 'buffered', 'spooled' or 'stored'.`,
  );
}
