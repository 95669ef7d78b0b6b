import { type Clock, systemClock, withDeadline } from '@ceres/internal';
import { StorageError } from '../errors';
import { checkNumber, refuseUnknownOptions } from '../options';

export interface RetryOptions {
  /** The first one counts; `Infinity` never gives up. Default 8. */
  readonly attemptsMax?: number;
  /** The longest first pause; it doubles with every attempt. Default 250. */
  readonly delayMsMin?: number;
  /** The longest pause of all. Default 30,000. */
  readonly delayMsMax?: number;
  /** For all attempts and pauses together, after which a running attempt is aborted. Default: none. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  /** From 0 up to and without 1. */
  readonly random?: () => number;
  /** Told before each pause of the attempt (from 1) that failed. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
}

const names = ['attemptsMax', 'delayMsMin', 'delayMsMax', 'deadlineMs', 'signal', 'clock', 'random', 'onRetry'];

/**
 * Makes attempts (`n` from 1) until one succeeds, fails for good, or the limits are reached; then the last error is
 * thrown. Only errors that say `retryable: true` are tried again.
 *
 * Pauses have full jitter, uniform between 0 and the capped exponential: of all schemes it frees a throttled server
 * soonest (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 *
 * @throws StorageError `INVALID_OPTIONS`; `UNAVAILABLE` when the deadline cuts an attempt off; the signal's reason
 */
export async function retry<T>(
  attempt: (signal: AbortSignal, n: number) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { attemptsMax, delayMsMin, delayMsMax, deadlineMs, signal, clock, random, onRetry } = resolve(options);
  const endMs = clock.now() + deadlineMs;
  let lastError: unknown;
  const cutOff = () =>
    new StorageError('UNAVAILABLE', `Gave up: the deadline of ${deadlineMs} ms passed during an attempt.`, {
      retryable: false,
      cause: lastError,
    });

  // The deadline has a timer of its own: an injected clock's sleep stands for pauses.
  return await withDeadline({ ms: deadlineMs, error: cutOff, signal }, async (limited) => {
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

/** By the property, not the class: errors of other packages, or of another copy of this one, say it too. */
function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true;
}

function resolve(options: RetryOptions) {
  refuseUnknownOptions('retry()', options, names);
  const resolved = {
    attemptsMax: options.attemptsMax ?? 8,
    delayMsMin: options.delayMsMin ?? 250,
    delayMsMax: options.delayMsMax ?? 30_000,
    deadlineMs: options.deadlineMs ?? Infinity,
    signal: options.signal,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    onRetry: options.onRetry,
  };
  checkNumber('attemptsMax', resolved.attemptsMax, 1, Infinity);
  checkNumber('delayMsMin', resolved.delayMsMin, 0, Infinity);
  checkNumber('delayMsMax', resolved.delayMsMax, 0, Infinity);
  checkNumber('deadlineMs', resolved.deadlineMs, 0, Infinity);
  return resolved;
}
