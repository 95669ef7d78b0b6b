import { setTimeout as delay } from 'node:timers/promises';
import type { HttpClient } from '../http/client';
import { readWriteActivity } from './write-activity';
import { readWriteTimeoutMs } from './write-timeout';

const pollMs = 100;
/** Idle readings in a row before the server counts as idle: a request may have arrived and not be counted yet. */
const idleReadingsMin = 3;
/** Twice InfluxDB's default write timeout. */
const waitMsDefault = 20_000;

/**
 * Waits until InfluxDB is applying no write: it goes on with a batch after it answered `timeout`, and after its client left.
 *
 * Where the server cannot tell, only time helps: what began before this call is assumed to have ended after twice the write
 * timeout. Time counts only while the server answers, and not while it is busy and finishes nothing: such a server hangs, and
 * still holds its writes.
 *
 * @param waitMs the least time to wait in that case
 * @throws the signal's reason
 */
export async function waitUntilSettled(
  client: HttpClient,
  signal: AbortSignal | undefined,
  waitMs: number = waitMsDefault,
): Promise<void> {
  let idle = 0;
  let endedAtFirst: number | undefined;
  let deadlineMs = Number.POSITIVE_INFINITY;
  for (;;) {
    const { state, ended } = await readWriteActivity(client, signal);
    idle = state === 'idle' ? idle + 1 : 0;
    if (idle >= idleReadingsMin) return;
    if (state === 'down') {
      endedAtFirst = undefined;
    } else if (endedAtFirst === undefined) {
      endedAtFirst = ended;
      deadlineMs = performance.now() + Math.max(waitMs, 2 * ((await readWriteTimeoutMs(client, signal)) ?? 0));
    } else if (performance.now() >= deadlineMs && (state !== 'busy' || ended !== endedAtFirst)) {
      return;
    }
    await wait(pollMs, signal);
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
