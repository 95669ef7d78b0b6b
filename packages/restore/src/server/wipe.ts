import { RestoreError } from '../errors';
import type { Journal } from '../journal/journal';
import { inReplayOrder, type PlanSource } from '../plan/plan';
import { checkFiles } from '../read/check-files';
import { isFault } from '../read/read-file';
import type { Target, TargetShard } from './connection';
import { findPolicy, type TargetSchema, type WantedPolicy } from './schema';

/**
 * A resume may only end a wipe that the journal began with.
 *
 * @throws RestoreError `WIPE_REFUSED`
 */
export function refuseLateWipe(journal: Journal): void {
  if (journal.header === undefined || journal.hasWipe) return;
  const todo = 'Leave wipe out to resume it, or begin anew with another journal';
  throw wipeRefused(`this restore began without a wipe, and may have restored points since. ${todo}`);
}

/**
 * What is dropped is to come back: the backup must be known to be good.
 *
 * @throws RestoreError `WIPE_REFUSED`
 */
export async function refuseWipeForFaults(source: PlanSource): Promise<void> {
  const { findings } = await checkFiles(
    inReplayOrder(source, (database) => database),
    source.selection,
  );
  const fault = findings.find(isFault);
  if (fault === undefined) return;
  const count = findings.filter(isFault).length;
  throw wipeRefused(
    `the backup has ${count} faults (${fault.key ?? 'a file'}: ${fault.reason}). See them all with check`,
  );
}

export function wipeRefused(why: string): RestoreError {
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
