import type { ServerShard } from '../../server/connection';
import { exactShardTime } from '../../server/shard-starts';

/** The range of InfluxDB's times, ns: `models.MinNanoTime` and `MaxNanoTime`. Both can be stored. */
export const earliest = -(2n ** 63n) + 2n;
export const latest = 2n ** 63n - 2n;

/** A stretch of time with the shards in it. */
export interface Stretch {
  /** The first moment, ns since the epoch. */
  readonly first: bigint;
  /** The last moment, which is part of the stretch. */
  readonly last: bigint;
  /** The number of shards that cover the stretch. Their groups overlap after the shard duration of a policy was changed. */
  readonly shards: number;
}

/**
 * Cuts a range of time wherever a shard begins or ends. What no shard covers becomes part of the stretch before it, or at the
 * beginning of the first one, so that a point outside the time of its shard is found too.
 *
 * @param shardDurationMs the present shard duration of the policy
 * @throws RangeError if a shard has no time that can be read
 */
export function stretchesOf(
  shards: readonly ServerShard[],
  first: bigint,
  last: bigint,
  shardDurationMs: number,
): Stretch[] {
  const exact = (shown: string) => exactShardTime(momentOf(shown), shardDurationMs);
  const spans = shards
    .map(({ start, end }) => ({ start: exact(start), end: exact(end) }))
    .filter(({ start, end }) => start <= last && end > first);
  const cuts = new Set([first, ...spans.flatMap(({ start, end }) => [start, end])]);
  const starts = [...cuts].filter((cut) => cut >= first && cut <= last).sort((a, b) => (a < b ? -1 : 1));
  const stretches: Stretch[] = [];
  for (const start of starts) {
    const covering = spans.filter((span) => span.start <= start && start < span.end).length;
    const before = stretches.at(-1);
    const index = stretches.length - 1;
    if (before === undefined) stretches.push({ first: start, last, shards: covering });
    else if (before.shards === 0) stretches[index] = { ...before, shards: covering };
    else if (covering > 0) {
      stretches[index] = { ...before, last: start - 1n };
      stretches.push({ first: start, last, shards: covering });
    }
  }
  return stretches;
}

/** Reads a time such as `2024-01-08T00:00:00Z` exactly: the fraction may have nine digits. */
function momentOf(text: string): bigint {
  const [, whole = '', fraction = ''] = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text) ?? [];
  const ms = Date.parse(`${whole}Z`);
  if (Number.isNaN(ms)) throw new RangeError(`Expected the time of a shard, got '${text}'.`);
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}
