import { inspect } from 'node:util';
import type { Partition } from '@ceres/storage';
import { SinkError } from '../errors';
import { check } from './check';

/**
 * How far a write has come: `buffered` in memory (a crash loses it), `spooled` fsynced to the spool (the default: it
 * survives the crash of process and host), `stored` in the storage.
 */
export type Ack = 'buffered' | 'spooled' | 'stored';

export const acks: readonly Ack[] = ['buffered', 'spooled', 'stored'];

/** How one write differs from the sink's settings. */
export interface WriteOptions {
  /** Default: the sink's. */
  readonly ack?: Ack;
  /** Stops waiting, for room, for the disk or for `stored`. Lines that are in the spool by then, or on their way into it, may be stored all the same. */
  readonly signal?: AbortSignal;
}

/**
 * Checks the arguments of a write. What a caller without TypeScript misspells would otherwise be ignored: points would go to the
 * default policy, or be acked for less than was asked.
 *
 * @throws SinkError `INVALID_OPTIONS`, or `INVALID_NAME` where the server or the database is not named
 */
export function checkWrite(partition: Partition, options: WriteOptions): void {
  check.names('BackupSink.write()', partition, ['instance', 'database', 'retentionPolicy']);
  for (const name of ['instance', 'database'] as const) {
    const value: unknown = partition[name];
    if (typeof value === 'string' && value !== '') continue;
    const got = inspect(value, { depth: 0, breakLength: Infinity });
    throw new SinkError('INVALID_NAME', `Expected the \`${name}\` of a write to be a non-empty string, got ${got}.`);
  }
  check.names('BackupSink.write()', options, ['ack', 'signal']);
  if (options.ack !== undefined) check.oneOf('ack', options.ack, acks);
  check.signal(options.signal);
}
