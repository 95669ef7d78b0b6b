import { listNames } from '@ceres/internal';
import { noFiles, RestoreError, wipeRefused } from '../errors';
import type { PlanSource } from '../plan/plan';
import { policyNamesOf } from '../plan/types';
import type { NameMap } from './name-map';
import type { ResolvedRestore } from './restore';
import type { ResolvedSelection } from './selection';

/**
 * Refuses options that contradict the plan, before any I/O.
 *
 * @throws RestoreError `NO_FILES`, `WIPE_REFUSED` or `INVALID_OPTIONS`
 */
export function refuseContradictions(
  source: PlanSource,
  { wipe, live, map }: Pick<ResolvedRestore, 'wipe' | 'live' | 'map'>,
): void {
  const { instance, shard } = source.selection;
  if (wipe) refuseNarrowWipe(source);
  if (live) refuseFilesLeftOut(source);
  // If there are more shards than databases, some shards have nothing to do.
  const { partitions, otherShards, unfinishedSeeds } = source;
  if (partitions.length + otherShards.size + unfinishedSeeds.length === 0) throw noFiles(instance);
  refuseUnusedNames(source, map);
  const here = new Map(source.partitions.map(({ database }) => [map.database(database), database]));
  for (const other of source.otherShards) {
    const split = here.get(map.database(other));
    if (split === undefined) continue;
    const both = `'${split}' and '${other}' are both restored into '${map.database(other)}'`;
    const why = `so they must be replayed in one order, and shard ${shard.index}/${shard.of} holds only the first`;
    throw new RestoreError('INVALID_OPTIONS', `${both}, ${why}. Restore without shards, or into two databases.`);
  }
}

/**
 * Refuses a name that is mapped in vain. It is mostly a misspelled one: its points would go where they must not, or be compared with
 * those of another database.
 *
 * @throws RestoreError `INVALID_OPTIONS`
 */
export function refuseUnusedNames({ selection, partitions, otherShards }: PlanSource, map: NameMap): void {
  const databases = new Set([...partitions.map(({ database }) => database), ...otherShards]);
  refuseUnused('mapDatabase', map.databases, databases);
  // The policies of other shards are not known here.
  if (selection.shard.of > 1) return;
  refuseUnused('mapRetentionPolicy', map.retentionPolicies, new Set(partitions.flatMap(policyNamesOf)));
}

function refuseUnused(option: string, names: Readonly<Record<string, string>>, found: ReadonlySet<string>): void {
  const unused = Object.keys(names).find((name) => !found.has(name));
  if (unused === undefined) return;
  const message = `Expected \`${option}\` to name what the plan has (${listNames(found)}), got '${unused}'.`;
  throw new RestoreError('INVALID_OPTIONS', message);
}

/** A wipe needs a plan of a whole instance, or of whole databases, because everything that is dropped must come back. */
function refuseNarrowWipe({ selection, partitions }: PlanSource): void {
  if (partitions.length === 0) throw wipeRefused(`the plan of '${selection.instance}' holds no file`);
  const filters = filtersOf(selection);
  const todo = 'Plan the whole instance, or whole databases (--db)';
  if (filters.length > 0) throw wipeRefused(`the plan is narrowed by ${filters.join(', ')}. ${todo}`);
}

/** Refuses to leave files out beside live writes: the newest value counts, whichever file holds it. */
function refuseFilesLeftOut({ selection }: PlanSource): void {
  const names = ['openedFrom', 'openedBefore', 'exclude'];
  const [name] = filtersOf(selection).filter((one) => names.includes(one));
  if (name === undefined) return;
  const what = `Expected \`${name}\` to be left out with \`live\`: a file that is left out may hold the newest value`;
  throw new RestoreError('INVALID_OPTIONS', `${what}. Restore without live (--live).`);
}

/** Returns the names of the options that leave something of a database out. */
function filtersOf({ retentionPolicies, measurements, from, until, ...rest }: ResolvedSelection): string[] {
  const filters = {
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
