import { noFiles, RestoreError, wipeRefused } from '../errors';
import type { PlanSource } from '../plan/plan';
import type { ResolvedRestore } from './restore';
import type { ResolvedSelection } from './selection';

/**
 * Refuses options that contradict the plan, before any I/O.
 *
 * @throws RestoreError `NO_FILES`, `WIPE_REFUSED` or `INVALID_OPTIONS`
 */
export function refuseContradictions(source: PlanSource, { wipe, map }: ResolvedRestore): void {
  const { instance, shard } = source.selection;
  if (wipe) refuseNarrowWipe(source);
  // If there are more shards than databases, some shards have nothing to do.
  if (source.partitions.length === 0 && source.otherShards.size === 0) throw noFiles(instance);
  const here = new Map(source.partitions.map(({ database }) => [map.database(database), database]));
  for (const other of source.otherShards) {
    const split = here.get(map.database(other));
    if (split === undefined) continue;
    const both = `'${split}' and '${other}' are both restored into '${map.database(other)}'`;
    const why = `so they must be replayed in one order, and shard ${shard.index}/${shard.of} holds only the first`;
    throw new RestoreError('INVALID_OPTIONS', `${both}, ${why}. Restore without shards, or into two databases.`);
  }
}

/** A wipe needs a plan of a whole instance, because everything that is dropped must come back. */
function refuseNarrowWipe({ selection, partitions }: PlanSource): void {
  if (partitions.length === 0) throw wipeRefused(`the plan of '${selection.instance}' holds no file`);
  const filters = filtersOf(selection);
  if (filters.length > 0) throw wipeRefused(`the plan is narrowed by ${filters.join(', ')}. Plan the whole instance`);
}

/** Returns the names of the options that leave something of the instance out. */
function filtersOf({ databases, retentionPolicies, measurements, from, until, ...rest }: ResolvedSelection): string[] {
  const filters = {
    databases,
    retentionPolicies,
    measurements,
    from,
    until,
    openedFrom: rest.openedFrom === -Infinity ? undefined : rest.openedFrom,
    openedBefore: rest.openedBefore === Infinity ? undefined : rest.openedBefore,
    shard: rest.shard.of === 1 ? undefined : rest.shard,
    exclude: rest.exclude.size === 0 ? undefined : rest.exclude,
  };
  return Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [name]));
}
