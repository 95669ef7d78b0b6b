import { listen } from '@ceres/internal';
import { InfluxWriteError, noAnswerWithin } from './errors';

/**
 * Resolves with InfluxDB's answer, or rejects if there is none in time: node-influx never settles when an answer breaks off
 * in the middle. `ask` gets a signal that aborts then, or when the caller's own does.
 *
 * @throws InfluxWriteError `TIMEOUT`
 */
export async function answeredWithin<T>(
  timeoutMs: number,
  callersSignal: AbortSignal | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // Not AbortSignal.any(): it ignores a signal of another realm, and in Node 20 it lives as long as the caller's.
  const late = new AbortController();
  const onAbort = () => late.abort(callersSignal?.reason);
  if (callersSignal?.aborted) onAbort();
  const unlisten = callersSignal && listen(callersSignal, onAbort);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new InfluxWriteError(noAnswerWithin(timeoutMs));
      reject(error); // Before the abort, whose own rejection says less.
      late.abort(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([timeout, ask(late.signal)]);
  } finally {
    clearTimeout(timer);
    unlisten?.();
  }
}
