import { InfluxWriteError, noAnswerWithin } from './influx-write-error';

/**
 * The answer, or a rejection when it stays out: node-influx never settles when an answer breaks off in its middle.
 * `ask` is given a signal that fires then, or when the caller's own does.
 *
 * @throws InfluxWriteError `TIMEOUT`
 */
export async function answeredWithin<T>(
  timeoutMs: number,
  callersSignal: AbortSignal | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const signal = callersSignal === undefined ? late.signal : AbortSignal.any([callersSignal, late.signal]);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new InfluxWriteError(noAnswerWithin(timeoutMs));
      reject(error); // Before the abort, whose own rejection says less.
      late.abort(error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([timeout, ask(signal)]);
  } finally {
    clearTimeout(timer);
  }
}
