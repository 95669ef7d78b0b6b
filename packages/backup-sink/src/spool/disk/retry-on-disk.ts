import { type Clock, retry } from '@ceres/storage';

/**
 * Retries forever: what the disk refuses may be fixed. The signal ends only the pauses, never an attempt: the lock is released only when the
 * disk is left alone.
 *
 * @throws the signal's reason; an error that says it is not retryable
 */
export async function retryOnDisk<T>(
  attempt: () => Promise<T>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  onRetry: (error: unknown) => void,
): Promise<T> {
  const pausing: Clock = { now: () => clock.now(), sleep: (ms) => clock.sleep(ms, signal) };
  const attemptUnlessAborted = async () => {
    signal.throwIfAborted();
    return await attempt();
  };
  return await retry(attemptUnlessAborted, { attemptsMax: Infinity, clock: pausing, onRetry });
}
