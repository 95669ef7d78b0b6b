import type { InfluxServer } from '@ceres/influx-http';
import { readShardSizes } from '@ceres/influx-http/internal';
import { greatest } from '@ceres/internal';
import { compiledBytes, databaseSizes, freeIn, workBytes } from '../compile/space';
import { RestoreError } from '../errors';
import type { Journal } from '../journal/journal';
import { shownUrl } from '../options/checks';
import type { NameMap } from '../options/name-map';
import type { PlanSource } from '../plan/plan';
import { asServerFault } from '../server/faults';
import type { NativeServer } from './native-server';
import type { ResolvedNative } from './options';

/** What a native restore needs to know of its options. */
export interface ScratchSettings {
  readonly to: InfluxServer;
  readonly native: ResolvedNative;
  readonly map: NameMap;
  readonly scratchDir: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Resolves with the sizes of the server's shards by their ids, where shards are read because they may hold points; else with an empty map.
 *
 * @throws RestoreError `SERVER_…`; the signal's reason
 */
export async function liveSizes({
  to,
  native,
  signal,
}: Pick<ScratchSettings, 'to' | 'native' | 'signal'>): Promise<ReadonlyMap<number, number>> {
  if (!native.fill) return new Map();
  try {
    return await readShardSizes(to, signal ? { signal } : {});
  } catch (error) {
    throw asServerFault(error, shownUrl(to));
  }
}

/**
 * Returns the scratch space that a native restore may need, as far as the sizes of compressed files tell: while the largest database is compiled, the
 * shards of another one may wait to be loaded. Where shards may hold points, the largest of them is unpacked, too.
 *
 * Databases that an earlier run has begun to load are left out: how much of them is left is not known.
 *
 * @throws RestoreError `SCRATCH_FULL` if the folder has less; nothing was changed. `SERVER_…`
 */
export async function scratchSpace(
  source: PlanSource,
  server: NativeServer,
  journal: Journal,
  settings: ScratchSettings,
): Promise<number> {
  const { map, scratchDir } = settings;
  const begun = (database: string) => journal.loads.earlierFiles(map.database(database)).length > 0;
  const partitions = source.partitions.filter(({ database }) => !begun(database));
  const [largest = 0, second = 0] = databaseSizes({ partitions }, map);
  const databases = new Set(source.partitions.map(({ database }) => map.database(database)));
  const sizes = await liveSizes(settings);
  const live = greatest(
    server.shardsOf(databases).map(({ id }) => sizes.get(id) ?? 0),
    0,
  );
  const needed = workBytes(largest) + compiledBytes(second) + live;
  const space = await freeIn(scratchDir);
  if (space === undefined || space.free >= needed) return needed;
  const what = `The scratch folder ${scratchDir} needs about ${needed} bytes, and has ${space.free}`;
  const todo = 'Nothing was changed. Free space there, choose another folder with scratchDir (--scratch-dir)';
  throw new RestoreError('SCRATCH_FULL', `${what}. ${todo}, or restore without native (--native).`);
}
