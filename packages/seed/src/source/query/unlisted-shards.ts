import { type InfluxServer, querySeries } from '@ceres/influx-http';
import { earliest, latest, quotedName, shardOriginNs } from '@ceres/influx-http/internal';
import type { ShardGroup, ShardPolicy } from './server-shards';

const weekNs = 604_800_000_000_000n;

/**
 * Returns the times in which a policy has points, in weeks, for a server that does not list its shards. InfluxDB 2 has shards of a week at most.
 *
 * @throws InfluxHttpError; the signal's reason
 */
export async function unlistedShards(
  server: InfluxServer,
  policy: ShardPolicy,
  signal: AbortSignal | undefined,
): Promise<readonly ShardGroup[]> {
  const [first, last] = [await endOf(server, policy, 'ASC', signal), await endOf(server, policy, 'DESC', signal)];
  if (first === undefined || last === undefined) return [];
  const groups: ShardGroup[] = [];
  for (let number = (first + shardOriginNs) / weekNs; ; number += 1n) {
    const firstNs = groups.length === 0 ? earliest : number * weekNs - shardOriginNs;
    const end = (number + 1n) * weekNs - shardOriginNs;
    const lastNs = end > last ? latest : end - 1n;
    const stretches = [{ first: firstNs, last: lastNs, shards: 1 }];
    groups.push({ id: Number(number), shardIds: [], firstNs, lastNs, stretches, isListed: false });
    if (end > last) return groups;
  }
}

/** Returns the first or the last time of a policy; `undefined` if it has no points. */
async function endOf(
  server: InfluxServer,
  { database, retentionPolicy }: ShardPolicy,
  order: 'ASC' | 'DESC',
  signal: AbortSignal | undefined,
): Promise<bigint | undefined> {
  const times: bigint[] = [];
  const query = `SELECT *::field FROM ${quotedName(retentionPolicy)}./.*/ WHERE time >= ${earliest} AND time <= ${latest} ORDER BY time ${order} LIMIT 1`;
  for await (const { values } of querySeries(server, database, query, signal ? { signal } : {})) {
    times.push(BigInt(values[0] ?? 0));
  }
  times.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return order === 'ASC' ? times[0] : times.at(-1);
}
