import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { together } from '../../src/verify/sums/together';

/** Works until its signal aborts, and then says what it was aborted with. */
function working(ended: unknown[]) {
  return async (signal: AbortSignal): Promise<never> => {
    while (!signal.aborted) await setImmediate();
    ended.push(signal.reason);
    throw signal.reason;
  };
}

describe('two works at the same time', () => {
  it('give both results', async () => {
    expect(
      await together(
        async () => 1,
        async () => 'b',
        undefined,
      ),
    ).toEqual([1, 'b']);
  });

  it('end when either fails, with its error, once the other has stopped', async () => {
    const failure = new Error('the server is gone');
    const failing = async () => {
      throw failure;
    };
    const ended: unknown[] = [];
    await expect(together(failing, working(ended), undefined)).rejects.toBe(failure);
    await expect(together(working(ended), failing, undefined)).rejects.toBe(failure);
    expect(ended).toEqual([failure, failure]);
  });

  it("end with the reason of the caller's signal", async () => {
    const reason = new Error('enough');
    const caller = new AbortController();
    const ended: unknown[] = [];
    const both = together(working(ended), working(ended), caller.signal);
    caller.abort(reason);
    await expect(both).rejects.toBe(reason);
    await expect(together(working(ended), working(ended), caller.signal)).rejects.toBe(reason);
    expect(ended).toEqual([reason, reason, reason, reason]);
  });

  it("leave nothing at the caller's signal, which may live as long as its process", async () => {
    const { signal } = new AbortController();
    const one = async () => 1;
    await together(one, one, signal);
    const failing = async () => {
      throw new Error('the server is gone');
    };
    await expect(together(one, failing, signal)).rejects.toThrow('gone');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
