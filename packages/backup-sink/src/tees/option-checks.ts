import { checkNumber, refuseUnknownOptions, StorageError } from '@ceres/storage';
import { SinkError } from '../errors';
import { checkNames, checkSignal } from '../options/arguments';
import type { WriteOptions } from '../options/write-options';

/** `tee` names the function that was called, so that the message says where to look. */
export function invalidOption(tee: string, what: string): SinkError {
  return new SinkError('INVALID_OPTIONS', `${tee}() ${what}`);
}

/** @throws SinkError `INVALID_OPTIONS`, with the name that was probably meant */
export function refuseUnknown(tee: string, options: object, known: readonly string[]): void {
  asInvalidOptions(() => refuseUnknownOptions(`${tee}()`, options, known));
}

/** @throws SinkError `INVALID_OPTIONS` unless `value` is a number from 1 to `max` */
export function atLeastOne(tee: string, name: string, value: unknown, max: number): void {
  asInvalidOptions(() => checkNumber(`${tee}(): ${name}`, value, 1, max));
}

/** @throws SinkError `INVALID_OPTIONS` */
export function oneOf(tee: string, name: string, value: unknown, legal: readonly string[]): void {
  if (typeof value === 'string' && legal.includes(value)) return;
  const words = legal.map((word) => `'${word}'`).join(' or ');
  throw invalidOption(tee, `was given ${name}: ${String(value)}; it must be ${words}`);
}

/** Before anything reads them: `null`, or a signal that is none, would be a bare TypeError once the backup is made. */
export function checkWriteOptions(tee: string, options: WriteOptions): void {
  checkNames(`${tee}()`, options, ['ack', 'signal']);
  checkSignal(`${tee}()`, options.signal);
}

function asInvalidOptions(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (error instanceof StorageError) throw new SinkError('INVALID_OPTIONS', error.message, { cause: error });
    throw error;
  }
}
