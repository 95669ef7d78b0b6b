import { optionChecks } from '@ceres/internal';
import { SinkError } from '../errors';

/** Checks what callers pass to this package. Throws a `SinkError` with the code `INVALID_OPTIONS`. */
export const check = optionChecks((message) => new SinkError('INVALID_OPTIONS', message));

/**
 * Checks the options of a call that takes nothing but a signal, and returns the signal.
 *
 * @param call the call's name in the message, such as `BackupSink.flush()`
 * @throws SinkError `INVALID_OPTIONS`; the signal's reason if it is aborted
 */
export function checkedSignal(call: string, options: { readonly signal?: AbortSignal }): AbortSignal | undefined {
  check.names(call, options, ['signal']);
  check.signal(options.signal);
  options.signal?.throwIfAborted();
  return options.signal;
}

/**
 * Checks how long closing may take. A timer would take anything but a number for 1 ms.
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
export function checkTimeout(timeoutMs: unknown): void {
  check.number('timeoutMs', timeoutMs, { min: 0, max: Infinity, unit: 'milliseconds' });
}
