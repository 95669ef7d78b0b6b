/** The time from 0001-01-01 to 1970: shards begin at multiples of their duration since the zero of Go's `time.Truncate`. */
export const shardOriginNs = 62_135_596_800_000_000_000n;

const secondNs = 1_000_000_000n;

/** Returns a duration in ns. */
export function nanosecondsOf(durationMs: number): bigint {
  return BigInt(Math.round(durationMs * 1e6));
}

/**
 * Returns when a shard begins or ends, of which InfluxDB shows the second alone. A shard that was made with another shard duration begins where
 * it is shown.
 *
 * @param shownNs the time as it is shown
 * @param shardDurationMs the present shard duration of the policy
 */
export function exactShardTime(shownNs: bigint, shardDurationMs: number): bigint {
  if (shardDurationMs === Infinity || shardDurationMs % 1_000 === 0) return shownNs;
  const durationNs = nanosecondsOf(shardDurationMs);
  const next = (shownNs + shardOriginNs + durationNs - 1n) / durationNs;
  const exactNs = next * durationNs - shardOriginNs;
  return exactNs < shownNs + secondNs ? exactNs : shownNs;
}
