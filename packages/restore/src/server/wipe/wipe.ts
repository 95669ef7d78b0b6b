import { wipeRefused } from '../../errors';
import type { Journal } from '../../journal/journal';
import type { ResolvedRestore } from '../../options/restore';
import { inReplayOrder, type PlanSource } from '../../plan/plan';
import { Steps } from '../../progress/steps';
import { checkFiles } from '../../read/check-files';
import { isFault } from '../../read/finding';
import { unconfirmed } from '../confirmed';
import type { ServerConnection, ServerShard } from '../connection';
import { findPolicy, type PlannedPolicy, type ServerSchema } from '../policies/schema';

/**
 * Refuses a wipe on resume, unless the journal began with that wipe.
 *
 * @throws RestoreError `WIPE_REFUSED`
 */
export function refuseLateWipe(journal: Journal): void {
  if (journal.header === undefined || journal.hasWipe) return;
  const todo = 'To resume it, leave wipe (--wipe) out. To start over, use another journal';
  throw wipeRefused(`this restore began without a wipe, and may have restored points already. ${todo}`);
}

/**
 * Refuses a wipe if the backup has a fault that was not accepted, because everything that is dropped must come back.
 *
 * @param accept the names of findings that do not count
 * @throws RestoreError `WIPE_REFUSED`
 */
export async function refuseWipeForFaults(
  source: PlanSource,
  { accept, clock, onCheck }: Pick<ResolvedRestore, 'accept' | 'clock' | 'onCheck'>,
): Promise<void> {
  const steps = new Steps(clock, onCheck);
  steps.begin('files', source.bytes);
  const files = inReplayOrder(source, (database) => database);
  const { findings, faultsUnnamed } = await checkFiles(files, source.selection, {
    steps,
    unfinishedSeeds: source.unfinishedSeeds,
  });
  const faults = findings.filter((finding) => isFault(finding) && !accept.has(finding.name));
  const [first] = faults;
  if (faultsUnnamed > 0)
    throw wipeRefused(`the backup has ${findings.length + faultsUnnamed} faults, too many to accept`);
  if (first === undefined) return;
  const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
  const todo =
    'To see all of them, run `ceres check`. To wipe all the same, and lose what they name, accept each by its name (--accept NAME)';
  throw wipeRefused(`the backup has ${count}, such as ${first.name}: ${first.reason}. ${todo}`);
}

/** Returns the shards of the planned policies, the only ones that a wipe may drop. */
export async function shardsToWipe(
  server: ServerConnection,
  schema: ServerSchema,
  planned: readonly PlannedPolicy[],
): Promise<ServerShard[]> {
  const droppable = new Set<string>();
  for (const { database, name } of planned) {
    const policy = findPolicy(schema, database, name);
    if (policy !== undefined) droppable.add(`${database}/${policy.name}`);
  }
  return (await server.shards()).filter(({ database, retentionPolicy }) =>
    droppable.has(`${database}/${retentionPolicy}`),
  );
}

/**
 * Drops the shards that the journal names, and only those: shards created since then hold points of running writers. It is
 * safe to drop one again after a kill during the wipe, because InfluxDB uses no shard number twice.
 *
 * @throws RestoreError `SERVER_…`; `SERVER_UNSUPPORTED` if the server still lists a shard that it dropped
 */
export async function dropShards(server: ServerConnection, journal: Journal): Promise<void> {
  if (journal.shardsToDrop === undefined) return;
  for (const id of journal.shardsToDrop) await server.dropShard(id);
  const dropped = new Set(journal.shardsToDrop);
  const kept = (await server.shards()).find(({ id }) => dropped.has(id));
  if (kept !== undefined) throw unconfirmed(server.url, `DROP SHARD ${kept.id}`, 'SHOW SHARDS still lists the shard');
  await journal.wiped();
}
