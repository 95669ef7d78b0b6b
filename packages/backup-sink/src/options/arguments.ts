import { inspect } from 'node:util';
import { type Partition, refuseUnknownOptions, StorageError } from '@ceres/storage';
import { SinkError } from '../errors';
import { checkAck } from './ack';
import type { WriteOptions } from './write-options';

/**
 * What a caller without TypeScript misspells would be ignored: points would go to the default policy, or be acked for
 * less than was asked.
 *
 * @param call as in the message: `BackupSink.write()`
 * @throws SinkError `INVALID_OPTIONS`, with the name that was probably meant
 */
export function checkNames(call: string, given: object, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) {
    throw new SinkError('INVALID_OPTIONS', `${call} was given ${inspect(given)} instead of { ${known.join(', ')} }.`);
  }
  try {
    refuseUnknownOptions(call, given, known);
  } catch (error) {
    if (error instanceof StorageError) throw new SinkError('INVALID_OPTIONS', error.message, { cause: error });
    throw error;
  }
}

/**
 * Of another shape it would be found out late, by a TypeError. Not `instanceof`: a test's environment may bring its own class.
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
export function checkSignal(call: string, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const isSignal =
    typeof signal?.aborted === 'boolean' &&
    [signal.throwIfAborted, signal.addEventListener, signal.removeEventListener].every((f) => typeof f === 'function');
  if (isSignal) return;
  throw new SinkError('INVALID_OPTIONS', `${call} was given ${inspect(signal)} as signal: it must be an AbortSignal.`);
}

/** @throws SinkError `INVALID_OPTIONS`: a timer would take what is no number for 1 ms */
export function checkTimeout(call: string, timeoutMs: unknown): void {
  if (typeof timeoutMs === 'number' && timeoutMs >= 0) return;
  throw new SinkError(
    'INVALID_OPTIONS',
    `${call} was given timeoutMs: ${inspect(timeoutMs)}; it must be a number of milliseconds from 0, or Infinity.`,
  );
}

/** @throws SinkError `INVALID_OPTIONS`, or `INVALID_NAME` where the server or the database is not named */
export function checkWrite(partition: Partition, options: WriteOptions): void {
  checkNames('BackupSink.write()', partition, ['instance', 'database', 'retentionPolicy']);
  for (const what of ['instance', 'database'] as const) {
    const name: unknown = partition[what];
    if (typeof name === 'string' && name !== '') continue;
    const shown = name === '' ? '""' : inspect(name);
    throw new SinkError('INVALID_NAME', `The ${what} of a write is ${shown}: give its name as a string.`);
  }
  checkNames('BackupSink.write()', options, ['ack', 'signal']);
  if (options.ack !== undefined) checkAck('ack', options.ack);
  checkSignal('BackupSink.write()', options.signal);
}
