import { getEventListeners } from 'node:events';
import { setImmediate as immediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { listen, untilAborted, withDeadline } from '../src/index';

const reason = new Error('shutting down');
const late = new Error('too late');
const never = new Promise<never>(() => undefined);

const turn = () => immediate();

describe('withDeadline', () => {
  it('rejects at the deadline and aborts the signal of the work, even if the work ignores it', async () => {
    let given: AbortSignal | undefined;
    const work = (signal: AbortSignal) => {
      given = signal;
      return never;
    };
    await expect(withDeadline({ ms: 5, error: () => late }, work)).rejects.toBe(late);
    expect(given?.aborted).toBe(true);
  });

  it('rejects with the reason of the caller, and leaves no listener on its signal', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = withDeadline({ ms: Infinity, error: () => late, signal }, () => never);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('does not begin the work when the caller has already aborted', async () => {
    let calls = 0;
    const deadline = { ms: 1000, error: () => late, signal: AbortSignal.abort(reason) };
    await expect(withDeadline(deadline, async () => (calls += 1))).rejects.toBe(reason);
    expect(calls).toBe(0);
  });

  it('accepts a deadline that is longer than a Node timer', async () => {
    const work = async () => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      return 'done';
    };
    expect(await withDeadline({ ms: 2 ** 31, error: () => late }, work)).toBe('done');
  });
});

it('lets many calls at once share a signal, without a warning of a leak', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => void warnings.push(warning);
  process.on('warning', onWarning);
  const { signal } = new AbortController();
  const call = () => withDeadline({ ms: Infinity, error: () => new Error('late'), signal }, turn);
  await Promise.all(Array.from({ length: 20 }, call));
  await turn();
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

describe('untilAborted', () => {
  it('closes a source whose reader stops, and waits for it', async () => {
    let isClosed = false;
    async function* source() {
      try {
        yield 1;
        yield 2;
      } finally {
        await new Promise(setImmediate);
        isClosed = true;
      }
    }
    for await (const _ of untilAborted(source(), undefined)) break;
    expect(isClosed).toBe(true);
  });

  it('does not wait for a source that hangs', async () => {
    const controller = new AbortController();
    const source = { [Symbol.asyncIterator]: () => ({ next: () => never, return: () => never }) };
    const next = untilAborted(source, controller.signal).next();
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});

describe('A signal that thousands of calls share', () => {
  it('has one listener, which calls all that are left when it aborts', () => {
    const controller = new AbortController();
    const called: number[] = [];
    const back = Array.from({ length: 3000 }, (_, n) => listen(controller.signal, () => called.push(n)));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    for (const unlisten of back.slice(1)) unlisten();
    controller.abort(reason);
    expect(called).toEqual([0]);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('has no listener once nothing waits for it, and another one when something does again', () => {
    const controller = new AbortController();
    const first = listen(controller.signal, () => undefined);
    first();
    first();
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    let calls = 0;
    const count = () => {
      calls += 1;
    };
    listen(controller.signal, count);
    const twice = listen(controller.signal, count);
    first();
    controller.abort(reason);
    twice();
    expect(calls).toBe(2);
  });
});
