import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

/** What a service writes that overwrites its points again and again. */
export interface Load {
  /** How long each write took until it was acknowledged, ms. */
  readonly latenciesMs: readonly number[];
  /** The writes that failed, and were sent again. */
  readonly retried: number;
  /** Ends it, once the write under way is acknowledged. */
  stop(): Promise<void>;
}

/** A write of a service: resolves once it is acknowledged. */
export type LiveWrite = (value: number) => Promise<unknown>;

/**
 * Writes without a pause between, each time another value, and sends what fails again, as a client does.
 *
 * @param flush stores what was acknowledged; called now and then, so that the newest values are still in the spool most of the time
 */
export function startLoad(write: LiveWrite, flush: () => Promise<unknown>, flushMs: () => number): Load {
  const latenciesMs: number[] = [];
  let [isOver, retried] = [false, 0];
  const writing = (async () => {
    for (let value = 1_000_000; !isOver; value += 1) {
      const started = performance.now();
      for (;;) {
        try {
          await write(value);
          break;
        } catch {
          retried += 1;
          await pause(20);
        }
      }
      latenciesMs.push(performance.now() - started);
      await pause(1);
    }
  })();
  const flushing = (async () => {
    while (!isOver) {
      await pause(flushMs());
      await flush();
    }
  })();
  return {
    latenciesMs,
    get retried() {
      return retried;
    },
    stop: async () => {
      isOver = true;
      await Promise.all([writing, flushing]);
    },
  };
}
