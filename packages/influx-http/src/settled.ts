import { setTimeout as delay } from 'node:timers/promises';
import type { HttpClient } from './client';
import { readWriteCounters, type WriteCounters } from './counters';
import { readWriteTimeoutMs } from './write-timeout';

const pollMs = 100;
/** Equal and idle readings in a row that mean rest: a request that was just read from the wire is in no counter yet. */
const equalReadings = 3;
/** Twice InfluxDB's default write timeout: the longest wait, unless the server's own timeout is longer. */
const waitMsLeast = 20_000;

/**
 * InfluxDB answers `timeout` and goes on applying the batch; it also goes on when its client has gone. Its counters show
 * when it is through: each shard counts a request as begun (`writeReq`) and as ended (`writeReqOk`, `writeReqErr`).
 *
 * Some requests that fail are never counted as ended. They are told from those in flight by outlasting the wait, and
 * remembered, so that only the first wait after them is a long one.
 */
export class Settlement {
  /** By shard: requests begun that never will be counted as ended. */
  readonly #neverEnded = new Map<string, number>();
  readonly #waitMsLeast: number;

  constructor(options: { readonly waitMsLeast: number } = { waitMsLeast }) {
    this.#waitMsLeast = options.waitMsLeast;
  }

  /** @throws the signal's reason */
  async wait(client: HttpClient, signal: AbortSignal | undefined): Promise<void> {
    let previous: WriteCounters | undefined;
    let equal = 0;
    let deadlineMs: number | undefined;
    for (;;) {
      const counters = await readWriteCounters(client, signal);
      if (counters === 'unanswered') {
        // A server that hangs still holds its writes: time counts only while it answers.
        previous = deadlineMs = undefined;
      } else {
        deadlineMs ??= performance.now() + (await this.#longestWaitMs(client, signal));
        const overdue = performance.now() >= deadlineMs;
        if (counters !== 'hidden') {
          equal = counters.fingerprint === previous?.fingerprint ? equal + 1 : 1;
          previous = counters;
          if (equal >= equalReadings && this.#isIdle(counters)) return;
          if (equal >= equalReadings && overdue) this.#remember(counters);
        }
        if (overdue) return;
      }
      await wait(pollMs, signal);
    }
  }

  async #longestWaitMs(client: HttpClient, signal: AbortSignal | undefined): Promise<number> {
    return Math.max(this.#waitMsLeast, 2 * ((await readWriteTimeoutMs(client, signal)) ?? 0));
  }

  #isIdle({ unended, active }: WriteCounters): boolean {
    for (const [shard, known] of this.#neverEnded) {
      const now = unended.get(shard) ?? 0;
      if (now < known) this.#neverEnded.set(shard, now); // The server was started again, and counts from 0.
    }
    return active === 0 && [...unended].every(([shard, count]) => count <= (this.#neverEnded.get(shard) ?? 0));
  }

  #remember({ unended }: WriteCounters): void {
    for (const [shard, count] of unended) if (count > 0) this.#neverEnded.set(shard, count);
  }
}

async function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(ms, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
