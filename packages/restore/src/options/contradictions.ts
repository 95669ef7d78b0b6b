import { RestoreError } from '../errors';
import type { PlanSource } from '../plan/plan';
import { wipeRefused } from '../server/wipe';
import type { ResolvedRestore } from './restore';
import type { ResolvedSelection } from './selection';

/**
 * What the plan and the options cannot mean together; told before any I/O.
 *
 * @throws RestoreError `NO_FILES`, `WIPE_REFUSED` or `INVALID_OPTIONS`
 */
export function refuseImpossible(source: PlanSource, { wipe, map }: ResolvedRestore): void {
  const { instance, shard } = source.selection;
  if (wipe) refuseWipe(source);
  // Where there are more shards than databases, some have nothing to do.
  if (source.partitions.length === 0 && source.otherShards.size === 0) {
    const todo = 'Check the storage, the name of the instance (ceres ls shows them), and the filters.';
    throw new RestoreError('NO_FILES', `The plan of '${instance}' holds no file. ${todo}`);
  }
  const here = new Map(source.partitions.map(({ database }) => [map.database(database), database]));
  for (const other of source.otherShards) {
    const split = here.get(map.database(other));
    if (split === undefined) continue;
    const both = `'${split}' and '${other}' are both restored into '${map.database(other)}'`;
    const why = `so they must be replayed in one order, and shard ${shard.index}/${shard.of} holds only the first`;
    throw new RestoreError('INVALID_OPTIONS', `${both}, ${why}. Restore without shards, or into two databases.`);
  }
}

/** A wipe is for a whole instance: what is dropped is to come back. */
function refuseWipe({ selection, partitions }: PlanSource): void {
  if (partitions.length === 0) throw wipeRefused(`the plan of '${selection.instance}' holds no file`);
  const filters = filtersOf(selection);
  if (filters.length > 0) throw wipeRefused(`the plan is narrowed by ${filters.join(', ')}. Plan the whole instance`);
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
