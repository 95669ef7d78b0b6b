import { type Partition, refuseUnknownOptions, StorageError } from '@ceres/storage';
import { checkAck } from './ack';
import { SinkError } from './errors';
import type { WriteOptions } from './writes';

/**
 * What a caller without TypeScript misspells would be ignored: points would go to the default policy, or be acked for
 * less than was asked.
 *
 * @param call as in the message: `BackupSink.write()`
 * @throws SinkError `INVALID_OPTIONS`, with the name that was probably meant
 */
export function checkNames(call: string, given: object, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null) {
    throw new SinkError('INVALID_OPTIONS', `${call} was given ${String(given)} instead of { ${known.join(', ')} }.`);
  }
  try {
    refuseUnknownOptions(call, given, known);
  } catch (error) {
    if (error instanceof StorageError) throw new SinkError('INVALID_OPTIONS', error.message, { cause: error });
    throw error;
  }
}

/** @throws SinkError `INVALID_OPTIONS`, or `INVALID_NAME` where the server or the database is not named */
export function checkWrite(partition: Partition, options: WriteOptions): void {
  checkNames('BackupSink.write()', partition, ['instance', 'database', 'retentionPolicy']);
  for (const what of ['instance', 'database'] as const) {
    const name: unknown = partition[what];
    if (typeof name === 'string' && name !== '') continue;
    throw new SinkError(
      'INVALID_NAME',
      `The ${what} of a write is ${JSON.stringify(name)}: give its name as a string.`,
    );
  }
  checkNames('BackupSink.write()', options, ['ack', 'signal']);
  if (options.ack !== undefined) checkAck('ack', options.ack);
}
