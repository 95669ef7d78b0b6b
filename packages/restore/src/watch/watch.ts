import { asStorageFault } from '../errors';
import { shownUrl } from '../options/checks';
import { refuseUnusedNames } from '../options/contradictions';
import { resolveWatch, type WatchOptions } from '../options/watch';
import { type PlanSource, seedsOrFault, surveyOrFault, unmatchedOrFault } from '../plan/plan';
import { refuseUnmatched } from '../plan/unmatched';
import { backupStatus } from '../status/backup-status';
import type { InstanceStatus } from '../status/types';
import { findNewFiles } from './new-files';
import type { WatchReport } from './types';
import { WatchRun } from './watch-run';
import { readState } from './watch-state';

/**
 * Looks whether a database still holds what its backup holds, and whether the backup is whole: once, so that a scheduler calls it again and again. It
 * compares what was stored since the last run, what was found damaged before, and a part of the past, so that everything is compared once in a
 * period. It never changes a point.
 *
 * @example
 * ```ts
 * import { watch } from '@ceres/restore';
 * import { LocalStorage } from '@ceres/storage';
 *
 * const { outcome, alarms } = await watch({
 *   storage: new LocalStorage('/var/backups/influx'),
 *   instance: 'influxdb-0',
 *   to: { url: 'http://127.0.0.1:8086' },
 *   stateFile: '/var/lib/ceres/influxdb-0.watch.json',
 * });
 * if (outcome !== 'GOOD') console.log(outcome, alarms);
 * ```
 * @throws RestoreError `INVALID_OPTIONS`, `NO_FILES`, `STORAGE`, `STATE_UNUSABLE`, `SERVER_DENIED` or `SERVER_UNSUPPORTED`
 */
export async function watch(options: WatchOptions): Promise<WatchReport> {
  const resolved = resolveWatch(options);
  const { comparison, stateFile, to, onEvent } = resolved;
  const { clock } = comparison;
  const startedMs = clock.now();
  const { instance } = comparison.selection;
  onEvent({ event: 'began', instance, startedMs });
  const state = await readState(stateFile, instance, shownUrl(to), startedMs);
  const status = await statusOf(options);
  const selection = await seedsOrFault(comparison.selection);
  const plan: PlanSource = { selection, ...(await surveyOrFault(selection)) };
  // A backup that has lost all of its files is a finding, and no mistake.
  if (plan.partitions.length > 0 || selection.databases !== undefined) await unmatchedOrFault(plan, refuseUnmatched);
  refuseUnusedNames(plan, comparison.map);
  try {
    const files = await findNewFiles(selection, state.listed);
    return await new WatchRun(resolved, { startedMs, state, status, plan, files }).run();
  } catch (error) {
    throw asStorageFault(error, `Reading the backup of ${instance}`);
  }
}

async function statusOf({ storage, instance, keepMs, retired, accept, signal }: WatchOptions): Promise<InstanceStatus> {
  const given = { keepMs, retired, accept, signal };
  const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const { instances } = await backupStatus({ storage, instance, ...own });
  const status = instances.find((one) => one.instance === instance);
  if (status === undefined) throw new TypeError('a status has the instance that it was asked for');
  return status;
}
