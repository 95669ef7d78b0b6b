import type { PartitionPlan } from '../../plan/types';
import type { ServerShard } from '../../server/connection';
import type { ComparedPolicy } from '../../verify/compared-policies';

const dayMs = 86_400_000;
/** The days of a backup that make stretches of their own, at most: those before belong to the first. */
const daysMax = 4_000;

/** Returns moments at which a database or its backup has points, ns: one in every shard, and one on every day of files. */
export function momentsOf(shards: readonly ServerShard[], partitions: readonly PartitionPlan[]): readonly bigint[] {
  const starts = shards.map(({ start }) => Date.parse(start)).filter((ms) => !Number.isNaN(ms));
  const days = partitions.flatMap(({ firstDay, lastDay }) => {
    const [first, last] = [firstDay, lastDay].map(dayToMs) as [number, number];
    if (Number.isNaN(first) || Number.isNaN(last)) return [];
    const count = Math.min(daysMax, Math.floor((last - first) / dayMs) + 1);
    return Array.from({ length: count }, (_, i) => last - i * dayMs);
  });
  return [...new Set([...starts, ...days])].map((ms) => BigInt(ms) * 1_000_000n);
}

/** Returns the longest time that a shard of one of the policies covers, ns. */
export function shardNsOf(policies: readonly ComparedPolicy[]): bigint {
  const lengths = policies.map(({ shardDurationMs }) => shardDurationMs).filter((ms) => Number.isFinite(ms) && ms > 0);
  return BigInt(lengths.length === 0 ? 7 * dayMs : Math.max(...lengths)) * 1_000_000n;
}

function dayToMs(day: string): number {
  return Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`);
}
