import { setTimeout as delay } from 'node:timers/promises';
import { query, writeRaw } from '@ceres/testkit';
import type { FilledServer } from '../../../tsm/bench/native/filled-server';

const everyMs = 20;
const linesAtOnce = 200;

/** Writes at a steady pace for as long as the work takes, and returns the 99th percentile of the writes' times in ms. */
export async function p99During({ influxd }: FilledServer, work: () => Promise<unknown>): Promise<number> {
  await query(influxd.url, '', 'CREATE DATABASE live');
  let isDone = false;
  const working = work().finally(() => {
    isDone = true;
  });
  const times: number[] = [];
  for (let i = 0; !isDone; i += 1) {
    const started = performance.now();
    const lines = Array.from({ length: linesAtOnce }, (_, n) => `live,host=h${n} v=${i} ${Date.now()}`).join('\n');
    const { status, body } = await writeRaw(influxd.url, 'live', lines, { precision: 'ms' });
    if (status !== 204) throw new Error(`InfluxDB answered ${status}: ${body}`);
    times.push(performance.now() - started);
    await delay(everyMs);
  }
  await working;
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN;
}
