import { RestoreError } from '../errors';
import type { TargetNames } from '../options/target';
import type { Journal } from '../replay/account/journal';
import { findPolicy, type TargetSchema, type WantedPolicy } from './schema';

/**
 * Points that the journal counts as restored are lost with the policy they were in: a target that lacks it was replaced,
 * and to restore only the rest would leave a gap that nobody is told of. A policy of which no file is done may be missing:
 * all of it is still to come.
 *
 * @throws RestoreError `JOURNAL_MISMATCH`
 */
export function refuseReplaced(
  { path, done }: Journal,
  schema: TargetSchema,
  wanted: readonly WantedPolicy[],
  map: TargetNames,
): void {
  const filled = new Set(
    done.partitions().map(({ database, retentionPolicy = '' }) => {
      return `${map.database(database)}/${map.retentionPolicy(retentionPolicy)}`;
    }),
  );
  for (const { database, name } of wanted) {
    if (!filled.has(`${database}/${name}`) || findPolicy(schema, database, name) !== undefined) continue;
    const policy = `${name === '' ? 'the default policy' : `the policy '${name}'`} of '${database}'`;
    const what = `The journal ${path} has restored files into ${policy}, and the target has no such policy any more`;
    const todo = 'Use a new journal (--journal) to restore all of it again.';
    throw new RestoreError('JOURNAL_MISMATCH', `${what}: it was replaced, or the policy dropped. ${todo}`);
  }
}
