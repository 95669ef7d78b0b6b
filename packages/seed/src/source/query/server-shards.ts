import { InfluxHttpError, type InfluxServer, querySeries, type SeriesRow } from '@ceres/influx-http';
import { earliest, latest, type ShownShard, type Stretch, spanOf, stretchesOf } from '@ceres/influx-http/internal';

/** A shard as a server lists it. */
interface ListedShard extends ShownShard {
  readonly id: number;
  readonly database: string;
  readonly retentionPolicy: string;
}

/** What is read at once: a shard, or several whose times overlap. */
export interface ShardGroup {
  /** The number of the newest shard in it. With a new shard, it is another group. */
  readonly id: number;
  readonly shardIds: readonly number[];
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** Its time, cut where one of its shards begins or ends. */
  readonly stretches: readonly Stretch[];
  /** False if the server does not list its shards, so that several may be in one stretch. */
  readonly isListed: boolean;
}

/** The policy that shards belong to. */
export interface ShardPolicy {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly shardDurationMs: number;
}

/**
 * Returns the shards that a server lists; `undefined` if it lists none, as InfluxDB 2 does.
 *
 * @throws InfluxHttpError; the signal's reason
 */
export async function listShards(
  server: InfluxServer,
  signal: AbortSignal | undefined,
): Promise<readonly ListedShard[] | undefined> {
  const shards: ListedShard[] = [];
  try {
    for await (const row of querySeries(server, '', 'SHOW SHARDS', signal ? { signal } : {})) shards.push(shardOf(row));
  } catch (error) {
    if (isNotImplemented(error)) return undefined;
    throw error;
  }
  return shards;
}

/** InfluxDB 2 answers so what its 1.x API does not have. */
export function isNotImplemented(error: unknown): boolean {
  return error instanceof InfluxHttpError && error.code === 'QUERY_FAILED' && /not implemented/i.test(error.message);
}

function shardOf({ columns, values }: SeriesRow): ListedShard {
  const cell = (name: string) => values[columns.indexOf(name)] ?? '';
  return {
    id: Number(cell('id')),
    database: cell('database'),
    retentionPolicy: cell('retention_policy'),
    start: cell('start_time'),
    end: cell('end_time'),
  };
}

/** Groups the shards of a policy, so that no time is in two groups, and every time in one. */
export function groupShards(
  shards: readonly ListedShard[],
  { database, retentionPolicy, shardDurationMs }: ShardPolicy,
): readonly ShardGroup[] {
  const spans = shards
    .filter((shard) => shard.database === database && shard.retentionPolicy === retentionPolicy)
    .map((shard) => ({ shard, ...spanOf(shard, shardDurationMs) }))
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
  const groups: { first: bigint; end: bigint; readonly shards: ListedShard[] }[] = [];
  for (const { shard, start, end } of spans) {
    const group = groups.at(-1);
    if (group === undefined || start >= group.end) groups.push({ first: start, end, shards: [shard] });
    else {
      if (end > group.end) group.end = end;
      group.shards.push(shard);
    }
  }
  return groups.map((group, i) => {
    const firstNs = i === 0 ? earliest : group.first;
    const next = groups[i + 1];
    const lastNs = next === undefined ? latest : next.first - 1n;
    const shardIds = group.shards.map(({ id }) => id);
    const stretches = stretchesOf(group.shards, firstNs, lastNs, shardDurationMs);
    return { id: Math.max(...shardIds), shardIds, firstNs, lastNs, stretches, isListed: true };
  });
}
