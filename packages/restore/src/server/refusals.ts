import { RestoreError } from '../errors';
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
