import { setTimeout as delay } from 'node:timers/promises';
import type { HttpClient } from '../http/client';
import { readWriteActivity } from './write-activity';
import { readWriteTimeoutMs } from './write-timeout';

const pollMs = 100;
/** Idle readings in a row that mean rest: a request may have arrived and not be seen yet. */
const idleReadings = 3;
/** Twice InfluxDB's default write timeout. */
const waitMsLeast = 20_000;

/**
 * InfluxDB answers `timeout` and goes on applying the batch, and goes on when its client has gone: waits until it is through.
 *
 * Where the server cannot tell, time must do: what began before this call is taken to have ended after twice the write
 * timeout. Time counts only while the server answers, and not while it is busy and ends nothing: such a server hangs,
 * and still holds its writes.
 *
 * @param waitMs the least of that time
 * @throws the signal's reason
 */
export async function waitUntilSettled(
  client: HttpClient,
  signal: AbortSignal | undefined,
  waitMs: number = waitMsLeast,
): Promise<void> {
  let idle = 0;
  let endedAtFirst: number | undefined;
  let deadlineMs = Number.POSITIVE_INFINITY;
  for (;;) {
    const { state, ended } = await readWriteActivity(client, signal);
    idle = state === 'idle' ? idle + 1 : 0;
    if (idle >= idleReadings) return;
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
