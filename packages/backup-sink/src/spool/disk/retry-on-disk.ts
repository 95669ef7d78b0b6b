import { type Clock, retry } from '@ceres/storage';

/**
 * Tries for ever: what the disk refuses may be mended. The signal ends only the pauses, never an attempt: the lock is given back when the
 * disk is left alone.
 *
 * @throws the signal's reason; what says that it is not retryable
 */
export async function retryOnDisk<T>(
  attempt: () => Promise<T>,
  shared: { readonly clock: Clock; readonly signal: AbortSignal; readonly onRetry: (error: unknown) => void },
): Promise<T> {
  const { clock, signal, onRetry } = shared;
  const pausing: Clock = { now: () => clock.now(), sleep: (ms) => clock.sleep(ms, signal) };
  const going = async () => {
    signal.throwIfAborted();
    return await attempt();
  };
  return await retry(going, { attemptsMax: Infinity, clock: pausing, onRetry });
}
