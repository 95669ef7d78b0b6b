import { RestoreError } from '../errors';
import type { Journal } from '../journal/journal';
import type { TargetNames } from '../options/name-map';
import { quoted, type Target, type TargetPolicy } from './connection';
import { findPolicy, type TargetSchema, type WantedPolicy } from './schema';

/** @throws RestoreError `TARGET_NOT_EMPTY` if one of the policies holds a point */
export async function refuseNonEmpty(
  target: Target,
  schema: TargetSchema,
  wanted: readonly WantedPolicy[],
): Promise<void> {
  for (const { database, name } of wanted) {
    const policy = findPolicy(schema, database, name);
    const measurement = policy && (await measurementWithPoints(target, policy));
    if (policy === undefined || measurement === undefined) continue;
    const what = `holds points already: '${measurement}' in policy '${policy.name}' of '${database}'`;
    const todo = 'Restore into it all the same with intoExisting (--into-existing), empty it with wipe (--wipe)';
    throw new RestoreError('TARGET_NOT_EMPTY', `The target ${target.url} ${what}. ${todo}, or choose another target.`);
  }
}

/** A measurement after the other: one query over all of them would open every series at once. */
async function measurementWithPoints(target: Target, policy: TargetPolicy): Promise<string | undefined> {
  for (const measurement of await target.measurements(policy.database)) {
    const query = `SELECT * FROM ${quoted(policy.name)}.${quoted(measurement)} LIMIT 1`;
    if ((await target.ask(policy.database, query)).length > 0) return measurement;
  }
  return undefined;
}

/**
 * Points that the journal counts as restored are lost with the policy they were in: a target that lacks it, or of which it
 * has no shard, was replaced, and to restore only the rest would leave a gap that nobody is told of. A policy that was given no
 * point yet may be missing, and the shards of one that lets points expire.
 *
 * @throws RestoreError `JOURNAL_MISMATCH`
 */
export async function refuseReplaced(
  target: Target,
  { path, done }: Journal,
  schema: TargetSchema,
  wanted: readonly WantedPolicy[],
  map: TargetNames,
): Promise<void> {
  const filled = new Set(
    done.partitions().map(({ database, retentionPolicy = '' }) => {
      return `${map.database(database)}/${map.retentionPolicy(retentionPolicy)}`;
    }),
  );
  if (filled.size === 0) return;
  const shards = new Set((await target.shards()).map((shard) => `${shard.database}/${shard.retentionPolicy}`));
  for (const { database, name } of wanted) {
    if (!filled.has(`${database}/${name}`)) continue;
    const policy = findPolicy(schema, database, name);
    const isEmpty = policy?.durationMs === Infinity && !shards.has(`${database}/${policy.name}`);
    if (policy !== undefined && !isEmpty) continue;
    const where = `${name === '' ? 'the default policy' : `the policy '${name}'`} of '${database}'`;
    const now = isEmpty ? 'holds nothing there' : 'has no such policy';
    const what = `The journal ${path} has restored files into ${where}, and the target ${now} any more`;
    const todo = 'Use a new journal (--journal) to restore all of it again.';
    throw new RestoreError('JOURNAL_MISMATCH', `${what}: it was replaced, or the policy dropped. ${todo}`);
  }
}
