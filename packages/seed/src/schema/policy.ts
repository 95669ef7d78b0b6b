import type { PolicySchema } from '@ceres/lineproto';
import type { RetentionPolicyMeta } from '@ceres/tsm';

/** Returns what it takes to create a policy of InfluxDB's metadata again. */
export function policyOf({
  durationNs,
  shardGroupDurationNs,
  replication,
}: RetentionPolicyMeta): Required<Pick<PolicySchema, 'duration' | 'shardDuration' | 'replication'>> {
  const duration = durationNs === 0n ? 'INF' : durationText(durationNs);
  return { duration, shardDuration: durationText(shardGroupDurationNs), replication };
}

/** Returns a duration as InfluxDB shows it: `168h0m0s`; what is not a whole number of seconds stands in nanoseconds. */
function durationText(ns: bigint): string {
  const second = 1_000_000_000n;
  if (ns % second !== 0n) return `${ns}ns`;
  const seconds = ns / second;
  return `${seconds / 3600n}h${(seconds / 60n) % 60n}m${seconds % 60n}s`;
}
