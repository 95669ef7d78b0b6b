import { nanosecondsPer } from '@ceres/lineproto';
import type { Clock } from '@ceres/storage';
import type { NameMap } from '../../options/name-map';
import { fetchHeader } from '../../plan/headers';
import type { PlanSource } from '../../plan/plan';
import { policyNamesOf } from '../../plan/types';
import { quoted, type ServerConnection, type ServerShard } from '../connection';
import { findPolicy, type ServerSchema } from '../policies/schema';

/** What a wipe drops of one policy of the server. */
export interface DroppedPolicy {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly shards: number;
  /** How many points they hold. */
  readonly points: PointCount;
  /** The time of the newest point of the backup, as its newest files say it, ns; absent if none says it. */
  readonly newestInBackup?: bigint;
  /** How many of the points are newer than that: they may not come back. */
  readonly newerPoints?: PointCount;
}

/** A number of points on the server. */
export interface PointCount {
  readonly count: number;
  /** False if there may be more: points of one measurement have different fields, or counting took too long. */
  readonly isExact: boolean;
}

/** How long points are counted: a person waits for the number. */
const countingMsMax = 20_000;

interface DropSettings {
  readonly server: ServerConnection;
  readonly schema: ServerSchema;
  readonly source: PlanSource;
  readonly map: NameMap;
  readonly clock: Clock;
}

/**
 * Counts what is dropped with these shards, by policy, and what of it is newer than the backup.
 *
 * @throws RestoreError `SERVER_…`; StorageError
 */
export async function droppedPolicies(
  shards: readonly ServerShard[],
  settings: DropSettings,
): Promise<readonly DroppedPolicy[]> {
  const { server, clock } = settings;
  const endMs = clock.now() + countingMsMax;
  const isLate = () => clock.now() > endMs;
  const byPolicy = new Map<string, DroppedPolicy>();
  for (const shard of shards) {
    const { database, retentionPolicy } = shard;
    const name = JSON.stringify([database, retentionPolicy]);
    const known = byPolicy.get(name);
    if (known !== undefined) {
      byPolicy.set(name, { ...known, shards: known.shards + 1 });
      continue;
    }
    const newestInBackup = await newestOf(shard, settings);
    const points = await countPoints(server, shard, `>= ${earliest}`, isLate);
    const newer =
      newestInBackup === undefined
        ? {}
        : { newestInBackup, newerPoints: await countPoints(server, shard, `> ${newestInBackup}`, isLate) };
    byPolicy.set(name, { database, retentionPolicy, shards: 1, points, ...newer });
  }
  return [...byPolicy.values()];
}

/** The first time that InfluxDB can store, ns. */
const earliest = -(2n ** 63n) + 2n;
/** The last one. */
const latest = 2n ** 63n - 2n;

/**
 * Counts the points of a policy, measurement by measurement. A point counts once, however many fields it has.
 *
 * @param from the first time, such as `>= 0`
 */
async function countPoints(
  server: ServerConnection,
  { database, retentionPolicy }: ServerShard,
  from: string,
  isLate: () => boolean,
): Promise<PointCount> {
  let count = 0;
  let isExact = true;
  for (const measurement of await server.measurements(database)) {
    if (isLate()) return { count, isExact: false };
    // Both bounds are named: otherwise InfluxDB stops at now.
    const where = `time ${from} AND time <= ${latest}`;
    const query = `SELECT COUNT(*::field) FROM ${quoted(retentionPolicy)}.${quoted(measurement)} WHERE ${where}`;
    for (const { values } of await server.ask(database, query)) {
      const counts = values.slice(1).map(Number);
      count += Math.max(0, ...counts);
      isExact &&= counts.every((one) => one === counts[0]);
    }
  }
  return { count, isExact };
}

/** Returns the newest time in the backup of what goes into a policy, as the newest files of each partition say it. */
async function newestOf(
  { database, retentionPolicy }: ServerShard,
  { schema, source, map }: DropSettings,
): Promise<bigint | undefined> {
  const { storage, signal } = source.selection;
  const keys = source.partitions
    .filter(
      (partition) =>
        map.database(partition.database) === database &&
        policyNamesOf(partition).some(
          (name) => findPolicy(schema, database, map.retentionPolicy(name))?.name === retentionPolicy,
        ),
    )
    .flatMap(({ newestKeys }) => newestKeys);
  let newest: bigint | undefined;
  for (const key of keys) {
    const fetched = await fetchHeader(storage, key, signal);
    const { summary, precision } = fetched?.header ?? {};
    if (!fetched?.isProven || summary === undefined || precision === undefined) continue;
    const last = summary.lastTimestamp * nanosecondsPer[precision];
    if (newest === undefined || last > newest) newest = last;
  }
  return newest;
}
