import { type Clock, systemClock, withDeadline } from '@ceres/internal';
import { StorageError } from '../errors';
import { check } from '../options';

export interface RetryOptions {
  /** The most attempts, with the first one; `Infinity` never gives up. Default: 8. */
  readonly attemptsMax?: number;
  /** The upper bound of the first pause, in ms; it doubles with every attempt. Default: 250. */
  readonly delayMsMin?: number;
  /** The upper bound of every pause, in ms. Default: 30,000. */
  readonly delayMsMax?: number;
  /** The time for all attempts and pauses together, in ms. A running attempt is then aborted. Default: no limit. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  /** Returns a number from 0 up to but not including 1. Default: `Math.random`. */
  readonly random?: () => number;
  /** Called before each pause, with the attempt (from 1) that failed. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
}

const names = ['attemptsMax', 'delayMsMin', 'delayMsMax', 'deadlineMs', 'signal', 'clock', 'random', 'onRetry'];

/**
 * Calls `attempt` (`n` counts from 1) until it succeeds, fails for good, or reaches a limit; then it throws the last
 * error. Only errors with `retryable: true` are retried.
 *
 * Pauses have full jitter, uniform between 0 and the capped exponential: of all schemes it frees a throttled server
 * soonest (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * @throws StorageError `INVALID_OPTIONS`; `UNAVAILABLE` when the deadline passes during an attempt; the signal's reason
 */
export async function retry<T>(
  attempt: (signal: AbortSignal, n: number) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { attemptsMax, delayMsMin, delayMsMax, deadlineMs, signal, clock, random, onRetry } = resolveOptions(options);
  const endMs = clock.now() + deadlineMs;
  let lastError: unknown;
  const tooLate = () =>
    new StorageError('UNAVAILABLE', `Gave up: the deadline of ${deadlineMs} ms passed during an attempt.`, {
      retryable: false,
      cause: lastError,
    });

  // The deadline has a timer of its own: an injected clock decides about pauses only.
  return await withDeadline({ ms: deadlineMs, error: tooLate, signal }, async (limited) => {
    for (let n = 1; ; n += 1) {
      limited.throwIfAborted();
      try {
        return await attempt(limited, n);
      } catch (error) {
        limited.throwIfAborted();
        const delayMs = random() * Math.min(delayMsMax, delayMsMin * 2 ** (n - 1));
        if (!isRetryable(error) || n >= attemptsMax || clock.now() + delayMs > endMs) throw error;
        lastError = error;
        onRetry?.(error, n, delayMs);
        await clock.sleep(delayMs, limited);
      }
    }
  });
}

/** Looks at the property, not at the class: errors of other packages, or of another copy of this one, have it too. */
function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}

function resolveOptions(options: RetryOptions) {
  check.names('retry()', options, names);
  const { attemptsMax = 8, delayMsMin = 250, delayMsMax = 30_000, deadlineMs = Infinity } = options;
  const anyTime = { min: 0, max: Infinity, unit: 'milliseconds' };
  return {
    attemptsMax: check.number('attemptsMax', attemptsMax, { min: 1, max: Infinity }),
    delayMsMin: check.number('delayMsMin', delayMsMin, anyTime),
    delayMsMax: check.number('delayMsMax', delayMsMax, anyTime),
    deadlineMs: check.number('deadlineMs', deadlineMs, anyTime),
    signal: options.signal,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    onRetry: options.onRetry,
  };
}
