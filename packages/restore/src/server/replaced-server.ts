import { RestoreError } from '../errors';
import type { Journal } from '../journal/journal';
import type { TargetNames } from '../options/name-map';
import type { Target } from './connection';
import { findPolicy, type TargetSchema, type WantedPolicy } from './schema';

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
