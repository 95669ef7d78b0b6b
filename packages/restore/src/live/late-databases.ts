import type { DoneList } from '../journal/done-files';
import type { Journal } from '../journal/journal';
import type { NameMap } from '../options/name-map';
import { inReplayOrder, type PlanSource } from '../plan/plan';
import { pruneByHeader } from '../plan/survey';

export interface LateSettings {
  /** When the restore began, ms since the epoch. */
  readonly beganMs: number;
  readonly journal: Journal;
  readonly map: NameMap;
}

/**
 * Returns the databases of the backup with a file that was opened before the restore began, and that the restore has not seen. What goes into the
 * same database on the server belongs together.
 */
export async function lateDatabases(
  source: PlanSource,
  { beganMs, journal, map }: LateSettings,
): Promise<ReadonlySet<string>> {
  const late = new Set<string>();
  let list: DoneList | undefined;
  let position = 0;
  for await (const file of pruneByHeader(
    inReplayOrder(source, (name) => map.database(name)),
    source.selection,
  )) {
    const own = journal.doneBeside(file.key);
    if (own !== list) position = 0;
    list = own;
    const found = own.find(file.key, position);
    if (found >= 0) position = found + 1;
    else if (file.openedMs < beganMs) late.add(map.database(file.database));
  }
  const all = source.partitions.map(({ database }) => database);
  return new Set(all.filter((database) => late.has(map.database(database))));
}
