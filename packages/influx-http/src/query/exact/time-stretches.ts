import { exactShardTime } from './shard-times';

/** The range of InfluxDB's times, ns: `models.MinNanoTime` and `MaxNanoTime`. Both can be stored. */
export const earliest = -(2n ** 63n) + 2n;
export const latest = 2n ** 63n - 2n;

/** The times of a shard's group as InfluxDB shows them. */
export interface ShownShard {
  readonly start: string;
  /** Is not part of it. */
  readonly end: string;
}

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
 * Returns the first time of a shard's group, and the first one after it, ns.
 *
 * @throws RangeError if they cannot be read
 */
export function spanOf(
  { start, end }: ShownShard,
  shardDurationMs: number,
): { readonly start: bigint; readonly end: bigint } {
  const exact = (shown: string) => exactShardTime(momentOf(shown), shardDurationMs);
  return { start: exact(start), end: exact(end) };
}

/**
 * Cuts a range of time wherever a shard begins or ends. What no shard covers becomes part of the stretch before it, or at the
 * beginning of the first one, so that a point outside the time of its shard is found too.
 *
 * @param shardDurationMs the present shard duration of the policy
 * @throws RangeError if a shard has no time that can be read
 */
export function stretchesOf(
  shards: readonly ShownShard[],
  first: bigint,
  last: bigint,
  shardDurationMs: number,
): Stretch[] {
  const spans = shards
    .map((shard) => spanOf(shard, shardDurationMs))
    .filter(({ start, end }) => start <= last && end > first);
  const cuts = new Set([first, ...spans.flatMap(({ start, end }) => [start, end])]);
  const starts = [...cuts].filter((cut) => cut >= first && cut <= last).sort((a, b) => (a < b ? -1 : 1));
  const opened = sorted(spans.map(({ start }) => start));
  const closed = sorted(spans.map(({ end }) => end));
  const stretches: Stretch[] = [];
  let [begun, ended] = [0, 0];
  for (const start of starts) {
    while (begun < opened.length && (opened[begun] as bigint) <= start) begun += 1;
    while (ended < closed.length && (closed[ended] as bigint) <= start) ended += 1;
    const covering = begun - ended;
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

function sorted(times: readonly bigint[]): BigInt64Array {
  return BigInt64Array.from(times).sort();
}

/** Reads a time such as `2024-01-08T00:00:00Z` exactly: the fraction may have nine digits. */
function momentOf(text: string): bigint {
  const [, whole = '', fraction = ''] = /^(.*T\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(text) ?? [];
  const ms = Date.parse(`${whole}Z`);
  if (Number.isNaN(ms)) throw new RangeError(`Expected the time of a shard, got '${text}'.`);
  return BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}
