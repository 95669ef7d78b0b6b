import type { PlanSource } from '../plan/plan';
import { policyNamesOf } from '../plan/types';
import type { ComparedPolicies } from './compared-policies';
import type { Mismatch, SeedOnly } from './verdict';

/** Returns the policies of a plan of which every file is of a seed, by their names on the server. */
export function seedOnlyPolicies(
  { selection, partitions }: Pick<PlanSource, 'selection' | 'partitions'>,
  policies: ComparedPolicies,
): SeedOnly[] {
  const taken = new Map<string, { readonly policy: SeedOnly; isTeed: boolean }>();
  for (const partition of partitions) {
    const { seedTakenMs: takenMs = -Infinity } = partition;
    for (const inBackup of policyNamesOf(partition)) {
      // The default policy has two names in a backup: files of sinks may go by one, and those of a seed by the other.
      const { database, name } = policies.of(partition.database, inBackup);
      const key = JSON.stringify([database, name]);
      const before = taken.get(key);
      const latestMs = Math.max(takenMs, before?.policy.takenMs ?? -Infinity);
      const policy = { instance: selection.instance, database, retentionPolicy: name, takenMs: latestMs };
      taken.set(key, { policy, isTeed: takenMs === -Infinity || before?.isTeed === true });
    }
  }
  return [...taken.values()].flatMap(({ policy, isTeed }) => (isTeed ? [] : [policy]));
}

/** Returns whether a difference lies in one of these policies. */
export function isSeedOnly({ database, retentionPolicy }: Mismatch, policies: readonly SeedOnly[]): boolean {
  return policies.some((policy) => policy.database === database && policy.retentionPolicy === retentionPolicy);
}
