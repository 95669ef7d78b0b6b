import { asStorageFault } from '../errors';
import { refuseUnusedNames } from '../options/contradictions';
import { resolveVerify, type VerifyOptions } from '../options/verify';
import { inReplayOrder, type PlanSource, seedsOrFault, surveyOrFault, unmatchedOrFault } from '../plan/plan';
import { survey } from '../plan/survey';
import { refuseUnmatched } from '../plan/unmatched';
import { checkFiles } from '../read/check-files';
import { isFault } from '../read/finding';
import { compareWithServer } from './compare-with-server';
import { compareUntilCertain } from './late-files';
import type { Verdict } from './verdict';

/**
 * Checks the files of a backup (level `files`), or compares the backup with a server: the number of points by measurement
 * and field (`counts`), or every value (`content`).
 *
 * @example
 * ```ts
 * import { verify } from '@ceres/restore';
 * import { LocalStorage } from '@ceres/storage';
 *
 * const verdict = await verify({
 *   storage: new LocalStorage('/var/backups/influx'),
 *   instance: 'influxdb-0',
 *   to: { url: 'http://127.0.0.1:8086' },
 *   level: 'content',
 * });
 * if (!verdict.equal) console.log(verdict.outcome, verdict.mismatches, verdict.notCompared);
 * ```
 * @throws RestoreError `INVALID_OPTIONS`, `NO_FILES`, `STORAGE` or `SERVER_…`
 */
export async function verify(options: VerifyOptions): Promise<Verdict> {
  const resolved = resolveVerify(options);
  const selection = await seedsOrFault(resolved.selection);
  const plan: PlanSource = { selection, ...(await surveyOrFault(selection)) };
  await unmatchedOrFault(plan, refuseUnmatched);
  if (resolved.level !== 'files') refuseUnusedNames(plan, resolved.map);
  try {
    if (resolved.level === 'files') {
      const { steps } = resolved;
      steps.begin('files', plan.bytes);
      const files = inReplayOrder(plan, (database) => database);
      const { lines, findings } = await checkFiles(files, selection, {
        steps,
        unfinishedSeeds: plan.unfinishedSeeds,
      });
      const equal = !findings.some(isFault);
      return {
        level: 'files',
        outcome: equal ? 'WHOLE' : 'DAMAGED',
        equal,
        mismatches: [],
        absentPolicies: [],
        seedOnly: [],
        notCompared: [],
        comparedFrom: undefined,
        points: lines,
        findings,
      };
    }
    const databases = [...new Set(plan.partitions.map(({ database }) => resolved.map.database(database)))];
    const compare = async (isAgain: boolean) =>
      await compareWithServer(isAgain ? { selection, ...(await survey(selection)) } : plan, resolved);
    return await compareUntilCertain(compare, plan, databases, resolved);
  } catch (error) {
    throw asStorageFault(error, `Reading the backup of ${selection.instance}`);
  }
}
