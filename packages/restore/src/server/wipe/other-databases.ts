import { formatPrefix, listObjects } from '@ceres/storage';
import { wipeRefused } from '../../errors';
import type { NameMap } from '../../options/name-map';
import { listedFile } from '../../plan/partitions';
import type { PlanSource } from '../../plan/plan';

/**
 * Refuses to wipe a database under whose name the backup holds another one that is not planned: its points would be dropped, and
 * not come back.
 *
 * @throws RestoreError `WIPE_REFUSED`
 */
export async function refuseWipeOfOthers({ selection, partitions }: PlanSource, map: NameMap): Promise<void> {
  const { storage, instance, databases, signal } = selection;
  if (databases === undefined) return;
  const mapped = new Set(partitions.map(({ database }) => map.database(database)));
  for (const database of mapped) {
    if (databases.has(database)) continue;
    for await (const info of listObjects(storage, formatPrefix({ instance, database }), { signal })) {
      if (listedFile(info) === undefined) continue;
      const why = `the backup holds a database '${database}' that is not planned, and its points would be dropped`;
      throw wipeRefused(`${why}. Plan it, too (--db), or restore under another name (--map-db)`);
    }
  }
}
