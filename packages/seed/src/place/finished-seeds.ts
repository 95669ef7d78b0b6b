import { listObjects, type ObjectReader, type RetryOptions, StorageError } from '@ceres/storage';
import {
  isManifestCode,
  parseSeedManifestKey,
  readSeedManifest,
  type SeedManifest,
  seedPrefix,
} from '@ceres/storage/internal';

/**
 * Yields the manifests of an instance. One that is not to be trusted counts as none: its seed is unfinished.
 *
 * @throws StorageError once retrying has not helped
 */
export async function* finishedSeeds(
  reader: ObjectReader,
  instance: string,
  options: RetryOptions,
): AsyncGenerator<SeedManifest> {
  for await (const info of listObjects(reader, seedPrefix(instance), options)) {
    if (parseSeedManifestKey(info.key) === undefined) continue;
    try {
      yield await readSeedManifest(reader, info, options);
    } catch (error) {
      if (!(error instanceof StorageError && isManifestCode(error.code))) throw error;
    }
  }
}
