import type { ShardPlace } from '../compiled-shard';

/** The time from 0001-01-01 to 1970, in ns: shards begin at multiples of their duration since the zero of Go's `time.Truncate`. */
const ORIGIN_NS = 62_135_596_800_000_000_000n;
/** The first time after the last one that InfluxDB stores (`models.MaxNanoTime` + 1). */
const END_NS = 2n ** 63n - 1n;

/** Returns the stretch of the shard group that holds a time, as InfluxDB cuts it (`CreateShardGroup` in services/meta/data.go). */
export function shardGroupAt(timeNs: bigint, durationNs: bigint): Pick<ShardPlace, 'startNs' | 'endNs'> {
  const since = timeNs + ORIGIN_NS;
  const startNs = since - (((since % durationNs) + durationNs) % durationNs) - ORIGIN_NS;
  const endNs = startNs + durationNs;
  return { startNs, endNs: endNs > END_NS ? END_NS : endNs };
}

const DAY_MS = 86_400_000;

/** Returns the length of shard groups that InfluxDB chooses for a policy of this duration (`shardGroupDuration` in services/meta/data.go). */
export function chosenShardDurationMs(policyDurationMs: number): number {
  if (policyDurationMs >= 180 * DAY_MS) return 7 * DAY_MS;
  return policyDurationMs >= 2 * DAY_MS ? DAY_MS : DAY_MS / 24;
}
