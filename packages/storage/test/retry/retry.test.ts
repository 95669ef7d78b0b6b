import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { StorageError } from '../../src/errors';
import { retry } from '../../src/retry/retry';
import { FakeClock } from '../fake-clock';

const unavailable = () => new StorageError('UNAVAILABLE', 'try again');

describe('retry', () => {
  it('returns what the first good attempt returns, and numbers attempts from 1', async () => {
    const clock = new FakeClock();
    const seen: number[] = [];
    const result = await retry(
      async (_, n) => {
        seen.push(n);
        if (n < 3) throw unavailable();
        return 'done';
      },
      { clock },
    );
    expect(result).toBe('done');
    expect(seen).toEqual([1, 2, 3]);
    expect(clock.slept).toHaveLength(2);
  });

  it('pauses between nothing and the capped exponential (full jitter)', async () => {
    const longest = new FakeClock();
    const limits = { attemptsMax: 7, delayMsMin: 100, delayMsMax: 1000 };
    const fails = async () => Promise.reject(unavailable());
    await expect(retry(fails, { ...limits, clock: longest, random: () => 1 })).rejects.toThrow('try again');
    expect(longest.slept).toEqual([100, 200, 400, 800, 1000, 1000]);

    const shortest = new FakeClock();
    await expect(retry(fails, { ...limits, clock: shortest, random: () => 0 })).rejects.toThrow('try again');
    expect(shortest.slept).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('does not retry an error that is not retryable, or that does not say so', async () => {
    for (const error of [new StorageError('DENIED', 'no'), new Error('a bug')]) {
      let attempts = 0;
      const failing = async () => {
        attempts += 1;
        throw error;
      };
      await expect(retry(failing, { clock: new FakeClock() })).rejects.toBe(error);
      expect(attempts).toBe(1);
    }
  });

  it('retries an error of another class that is marked retryable', async () => {
    const attempt = async (_: AbortSignal, n: number) => {
      if (n === 1) throw Object.assign(new Error('busy'), { retryable: true });
      return n;
    };
    expect(await retry(attempt, { clock: new FakeClock() })).toBe(2);
  });

  it('throws the last error when no pause fits before the deadline', async () => {
    const clock = new FakeClock();
    const options = { clock, random: () => 1, delayMsMin: 100, deadlineMs: 10_000, attemptsMax: Infinity };
    const attempt = async (_: AbortSignal, n: number) =>
      Promise.reject(new StorageError('UNAVAILABLE', `attempt ${n}`));
    await expect(retry(attempt, options)).rejects.toThrow('attempt 7');
    expect(clock.slept).toEqual([100, 200, 400, 800, 1600, 3200]);
  });

  it('aborts an attempt at the deadline, even one that ignores its signal', async () => {
    let given: AbortSignal | undefined;
    const deaf = (signal: AbortSignal) => {
      given = signal;
      return new Promise<never>(() => undefined);
    };
    await expect(retry(deaf, { deadlineMs: 5 })).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: false });
    expect(given?.aborted).toBe(true);
  });

  it('rejects with the reason of the signal: during an attempt, during a pause and before the first attempt', async () => {
    const reason = new Error('shutting down');
    const attempts = async (options: object, controller: AbortController) => {
      let n = 0;
      const attempt = async () => {
        n += 1;
        throw unavailable();
      };
      await expect(retry(attempt, { ...options, signal: controller.signal })).rejects.toBe(reason);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
      return n;
    };

    const before = new AbortController();
    before.abort(reason);
    expect(await attempts({}, before)).toBe(0);

    const inPause = new AbortController();
    const onRetry = () => void setTimeout(() => inPause.abort(reason), 1);
    expect(await attempts({ onRetry, delayMsMin: 60_000, delayMsMax: 60_000, random: () => 1 }, inPause)).toBe(1);

    const inAttempt = new AbortController();
    const hangs = () => new Promise<never>(() => void setTimeout(() => inAttempt.abort(reason), 1));
    await expect(retry(hangs, { signal: inAttempt.signal })).rejects.toBe(reason);
  });

  it('reports each pause before it begins', async () => {
    const reported: unknown[] = [];
    const attempt = async (_: AbortSignal, n: number) => (n < 3 ? Promise.reject(unavailable()) : n);
    const onRetry = (error: unknown, n: number, delayMs: number) =>
      reported.push([(error as Error).message, n, delayMs]);
    await retry(attempt, { clock: new FakeClock(), random: () => 0.5, delayMsMin: 100, onRetry });
    expect(reported).toEqual([
      ['try again', 1, 50],
      ['try again', 2, 100],
    ]);
  });

  it('refuses unknown options, and values that make no sense', async () => {
    const attempt = async () => 1;
    await expect(retry(attempt, { attemptMax: 3 } as object)).rejects.toThrow('Did you mean `attemptsMax`?');
    await expect(retry(attempt, { attemptsMax: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    await expect(retry(attempt, { delayMsMin: Number.NaN })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});
