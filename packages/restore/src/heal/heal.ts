import { asStorageFault } from '../errors';
import { refuseUnusedNames } from '../options/contradictions';
import { type HealOptions, resolveHeal } from '../options/heal';
import { type PlanSource, seedsOrFault, surveyOrFault, unmatchedOrFault } from '../plan/plan';
import { refuseUnmatched } from '../plan/unmatched';
import { healDifferences } from './heal-differences';
import type { HealReport } from './heal-report';

/**
 * Compares every value of a backup with a server, and writes those that are missing or different, and no other. It never deletes, and writes
 * nothing over a value that may be newer than the backup: every sink must have stored what it acked before the comparison.
 *
 * @example
 * ```ts
 * import { heal } from '@ceres/restore';
 * import { LocalStorage } from '@ceres/storage';
 *
 * const storage = new LocalStorage('/var/backups/influx');
 * const report = await heal({ storage, instance: 'influxdb-0', to: { url: 'http://127.0.0.1:8086' } });
 * console.log(report.points, report.left);
 * ```
 * @throws RestoreError `INVALID_OPTIONS`, `HEAL_REFUSED`, `NO_FILES`, `STORAGE`, `SNAPSHOT_SERVICE` or `SERVER_…`
 */
export async function heal(options: HealOptions): Promise<HealReport> {
  const resolved = resolveHeal(options);
  const selection = await seedsOrFault(resolved.verify.selection);
  const plan: PlanSource = { selection, ...(await surveyOrFault(selection)) };
  await unmatchedOrFault(plan, refuseUnmatched);
  refuseUnusedNames(plan, resolved.verify.map);
  try {
    return await healDifferences(plan, resolved);
  } catch (error) {
    throw asStorageFault(error, `Reading the backup of ${selection.instance}`);
  }
}
