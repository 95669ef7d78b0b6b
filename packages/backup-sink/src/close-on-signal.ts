import { check, checkTimeout } from './options/check';
import type { BackupSink } from './sink';

/** The signals that close a sink, and how long that may take. */
export interface CloseOnSignalOptions {
  /** Default: SIGTERM and SIGINT. */
  readonly signals?: readonly NodeJS.Signals[];
  /** How long `close()` may take. Default: as in `close()`. */
  readonly timeoutMs?: number;
}

/**
 * Closes the sink on a signal, then lets the signal do what it does without a handler, which ends the process.
 * A second signal does not wait.
 *
 * Returns a function that removes the handlers.
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
export function closeOnSignal(sink: BackupSink, options: CloseOnSignalOptions = {}): () => void {
  check.names('closeOnSignal()', options, ['signals', 'timeoutMs']);
  const { signals = ['SIGTERM', 'SIGINT'], timeoutMs } = options;
  if (timeoutMs !== undefined) checkTimeout(timeoutMs); // now, not when the signal comes
  const remove = () => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    remove();
    const closed = sink.close(timeoutMs === undefined ? {} : { timeoutMs });
    void closed.finally(() => process.kill(process.pid, signal));
  };
  for (const signal of signals) process.on(signal, onSignal);
  return remove;
}
