import type { PolicySchema } from '@ceres/lineproto';
import { durationMs } from '../duration';
import { autogen, findPolicy, type PlannedPolicy, type ServerSchema } from './schema';

/** A policy of the option `policies` that changes nothing. */
export interface IgnoredPolicy {
  /** The name in the option. */
  readonly name: string;
  /** The server has the policy, and it keeps points for another time. Otherwise, no file of the plan goes into a policy of that name. */
  readonly exists: boolean;
}

/** Returns what the option `policies` describes in vain: it says how to create what is missing, and changes nothing that exists. */
export function ignoredPolicies(
  policies: Readonly<Record<string, PolicySchema>>,
  planned: readonly PlannedPolicy[],
  schema: ServerSchema,
): IgnoredPolicy[] {
  return Object.entries(policies).flatMap(([name, { duration }]) => {
    const meant = planned.filter((policy) => namesOf(policy).includes(name));
    const isOther = (policy: PlannedPolicy) => {
      const found = findPolicy(schema, policy.database, policy.name);
      return found !== undefined && found.durationMs !== durationMs(duration);
    };
    const exists = meant.some(isOther);
    return meant.length === 0 || exists ? [{ name, exists }] : [];
  });
}

/** Returns the names by which `policies` may describe a policy. */
function namesOf({ database, name, schema }: PlannedPolicy): string[] {
  const names = name === '' ? ['', schema?.name ?? autogen] : [name];
  return names.flatMap((one) => [one, `${database}/${one}`]);
}
