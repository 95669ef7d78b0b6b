import { earliest, latest, type Stretch, stretchesOf } from '@ceres/influx-http/internal';
import { greatest } from '@ceres/internal';
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
  const typesByDatabase = new Map<string, ReadonlySet<string>>();
  for (const shard of shards) {
    const { database, retentionPolicy } = shard;
    const name = JSON.stringify([database, retentionPolicy]);
    const known = byPolicy.get(name);
    if (known !== undefined) {
      byPolicy.set(name, { ...known, shards: known.shards + 1 });
      continue;
    }
    const newestInBackup = await newestOf(shard, settings);
    const mixed = typesByDatabase.get(database) ?? (await mixedMeasurements(server, database));
    typesByDatabase.set(database, mixed);
    const own = shards.filter((one) => one.database === database && one.retentionPolicy === retentionPolicy);
    const shardDurationMs = findPolicy(settings.schema, database, retentionPolicy)?.shardDurationMs ?? Infinity;
    const count = (first: bigint) => {
      const stretches = () => stretchesOf(own, first, latest, shardDurationMs);
      return countPoints(server, shard, { mixed, first, stretches, isLate });
    };
    const points = await count(earliest);
    const newer = newestInBackup === undefined ? {} : { newestInBackup, newerPoints: await count(newestInBackup + 1n) };
    byPolicy.set(name, { database, retentionPolicy, shards: 1, points, ...newer });
  }
  return [...byPolicy.values()];
}

/** Returns the measurements with a field that has several types in several shards: over several of these, InfluxDB counts only one type. */
async function mixedMeasurements(server: ServerConnection, database: string): Promise<ReadonlySet<string>> {
  const mixed = new Set<string>();
  const known = new Set<string>();
  // A row for each type of a field.
  for (const { name, values } of await server.ask(database, 'SHOW FIELD KEYS')) {
    const field = JSON.stringify([name, values[0]]);
    if (known.has(field)) mixed.add(name);
    known.add(field);
  }
  return mixed;
}

/** What is counted of a policy. */
interface Counting {
  /** The measurements that are counted shard by shard. */
  readonly mixed: ReadonlySet<string>;
  /** The first time, ns. */
  readonly first: bigint;
  /** The time from `first` on, cut where a shard begins or ends. */
  readonly stretches: () => readonly Stretch[];
  readonly isLate: () => boolean;
}

/** Counts the points of a policy, measurement by measurement. A point counts once, however many fields it has. */
async function countPoints(
  server: ServerConnection,
  { database, retentionPolicy }: ServerShard,
  { mixed, first, stretches, isLate }: Counting,
): Promise<PointCount> {
  let count = 0;
  let isExact = true;
  for (const measurement of await server.measurements(database)) {
    // Both bounds are named: otherwise InfluxDB stops at now.
    const whole = [{ first, last: latest, shards: 1 }];
    for (const stretch of mixed.has(measurement) ? stretches() : whole) {
      if (isLate()) return { count, isExact: false };
      const where = `time >= ${stretch.first} AND time <= ${stretch.last}`;
      const query = `SELECT COUNT(*::field) FROM ${quoted(retentionPolicy)}.${quoted(measurement)} WHERE ${where}`;
      for (const { values } of await server.ask(database, query)) {
        const counts = values.slice(1).map(Number);
        count += greatest(counts, 0);
        isExact &&= stretch.shards <= 1 && counts.every((one) => one === counts[0]);
      }
    }
  }
  return { count, isExact };
}

/** Returns the newest time in the seeds of what goes into a policy. Their files are not in the order of time. */
function newestOfSeeds(
  { database, retentionPolicy }: Pick<ServerShard, 'database' | 'retentionPolicy'>,
  { selection }: PlanSource,
  map: NameMap,
): bigint | undefined {
  const times = selection.seeds.seeds
    .flatMap(({ manifest }) => manifest.partitions)
    .filter(
      (partition) =>
        partition.lines > 0 &&
        map.database(partition.database) === database &&
        map.retentionPolicy(partition.retentionPolicy) === retentionPolicy,
    )
    .map(({ lastNs }) => lastNs);
  return times.reduce<bigint | undefined>(
    (newest, ns) => (newest === undefined || ns > newest ? ns : newest),
    undefined,
  );
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
  let newest = newestOfSeeds({ database, retentionPolicy }, source, map);
  for (const key of keys) {
    const fetched = await fetchHeader(storage, key, signal);
    const { summary, precision } = fetched?.header ?? {};
    if (!fetched?.isProven || summary === undefined || precision === undefined) continue;
    const last = summary.lastTimestamp * nanosecondsPer[precision];
    if (newest === undefined || last > newest) newest = last;
  }
  return newest;
}
