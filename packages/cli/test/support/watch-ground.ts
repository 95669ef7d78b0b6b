import { join } from 'node:path';
import { systemClock } from '@ceres/internal';
import { type WatchOptions, type WatchReport, watch } from '@ceres/restore';
import { healGround, instance } from './heal-ground';

export const hourMs = 3_600_000;

/** A backup and its server, and a watch whose clock a test puts forward. */
export async function watchGround(settings: Parameters<typeof healGround>[0] = {}) {
  const ground = await healGround(settings);
  const stateFile = join(ground.bucket, '..', 'watch.json');
  let aheadMs = 0;
  const clock = { ...systemClock, now: () => Date.now() + aheadMs };
  const watched = {
    storage: ground.storage,
    instance,
    to: { url: ground.server.url },
    stateFile,
    waitMs: 0,
    periodMs: 6 * hourMs,
    clock,
  };
  /** Lets time pass, and runs once. */
  const runAfter = async (ms: number, more: Partial<WatchOptions> = {}): Promise<WatchReport> => {
    aheadMs += ms;
    return await watch({ ...watched, ...more });
  };
  return { ...ground, stateFile, watched, clock, runAfter };
}

/** Returns the kinds of the alarms of a run, in order. */
export function kindsOf({ alarms }: WatchReport): string[] {
  return alarms.map(({ kind }) => kind).sort();
}
