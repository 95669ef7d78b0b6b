import { nearestName } from '@ceres/internal';
import { formatPrefix, listObjects, parseKey } from '@ceres/storage';
import { RestoreError } from '../errors';
import type { ResolvedSelection } from '../options/selection';

/**
 * Refuses a key to exclude that no file has, with the one that was probably meant: what should be left out would be restored.
 *
 * @throws RestoreError `NO_FILES`; StorageError
 */
export async function refuseUnknownKeys({ storage, instance, exclude, signal }: ResolvedSelection): Promise<void> {
  for (const key of exclude) {
    const unknown = `Nothing has the key '${key}' that is excluded.`;
    if (parseKey(key)?.instance !== instance) {
      const expected = `the key of a file of '${instance}', such as ${instance}/DATABASE/POLICY/DAY/UUID.gz`;
      throw new RestoreError('NO_FILES', `${unknown} Expected ${expected}.`);
    }
    const folder = key.slice(0, key.lastIndexOf('/') + 1);
    if ((await nearestKey(key, folder)) === key) continue;
    const meant = await nearestKey(key, formatPrefix({ instance }));
    const todo =
      meant === undefined ? '`ceres check` names the files that it finds fault with.' : `Did you mean '${meant}'?`;
    throw new RestoreError('NO_FILES', `${unknown} ${todo}`);
  }

  /** Returns the key itself if it is there, or else the one that is nearest to it. */
  async function nearestKey(key: string, prefix: string): Promise<string | undefined> {
    let nearest: string | undefined;
    for await (const { key: found } of listObjects(storage, prefix, { signal })) {
      if (found === key) return key;
      nearest = nearestName(key, nearest === undefined ? [found] : [nearest, found]);
    }
    return nearest;
  }
}
