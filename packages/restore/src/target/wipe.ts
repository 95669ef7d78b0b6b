import { RestoreError } from '../errors';
import type { ResolvedSelection } from '../options/selection';
import { inReplayOrder, type PlanSource } from '../plan/plan';
import type { Journal } from '../replay/account/journal';
import { checkFiles } from '../verify/check-files';
import { isFault } from '../verify/read-file';
import { findPolicy, type TargetSchema, type WantedPolicy } from './schema';
import type { Target, TargetShard } from './target';

/**
 * A wipe is for a whole instance of which the backup is known to be good.
 *
 * @throws RestoreError `WIPE_REFUSED`
 */
export async function refuseUnsafeWipe(source: PlanSource, journal: Journal): Promise<void> {
  if (journal.header !== undefined) {
    if (journal.hasWipe) return;
    throw refused('this restore began without a wipe, and has restored points since. Leave wipe out to resume it');
  }
  const filters = filtersOf(source.selection);
  if (filters.length > 0) throw refused(`the plan is narrowed by ${filters.join(', ')}. Plan the whole instance`);
  if (source.partitions.length === 0) throw refused('the plan holds no file. Check the storage and the instance');
  const { findings } = await checkFiles(
    inReplayOrder(source, (database) => database),
    source.selection,
  );
  const fault = findings.find(isFault);
  if (fault === undefined) return;
  const count = findings.filter(isFault).length;
  throw refused(`the backup has ${count} faults (${fault.key ?? 'a file'}: ${fault.reason}). See them all with check`);
}

/** The options that leave something of the instance out. */
function filtersOf({ databases, retentionPolicies, measurements, from, to, ...rest }: ResolvedSelection): string[] {
  const filters = {
    databases,
    retentionPolicies,
    measurements,
    from,
    to,
    openedFrom: rest.openedFrom === -Infinity ? undefined : rest.openedFrom,
    openedBefore: rest.openedBefore === Infinity ? undefined : rest.openedBefore,
    shard: rest.shard.of === 1 ? undefined : rest.shard,
  };
  return Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}

function refused(why: string): RestoreError {
  return new RestoreError('WIPE_REFUSED', `Nothing was wiped: ${why}.`);
}

/** The shards of the planned policies: all that a wipe may drop. */
export async function shardsToWipe(
  target: Target,
  schema: TargetSchema,
  wanted: readonly WantedPolicy[],
): Promise<TargetShard[]> {
  const planned = new Set<string>();
  for (const { database, name } of wanted) {
    const policy = findPolicy(schema, database, name);
    if (policy !== undefined) planned.add(`${database}/${policy.name}`);
  }
  return (await target.shards()).filter(({ database, retentionPolicy }) =>
    planned.has(`${database}/${retentionPolicy}`),
  );
}

/**
 * Drops the shards that the journal names, and only those: shards made since then hold points of a running ingestion.
 * Dropping one again, after a kill in mid-wipe, does nothing: InfluxDB gives no number twice.
 */
export async function dropShards(target: Target, journal: Journal): Promise<void> {
  if (journal.shardsToDrop === undefined) return;
  for (const id of journal.shardsToDrop) await target.change(`DROP SHARD ${id}`);
  await journal.wiped();
}
