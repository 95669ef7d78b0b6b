import {
  formatPrefix,
  listObjects,
  type ObjectReader,
  parseKey,
  type RetryOptions,
  StorageError,
} from '@ceres/storage';
import { isSeedName, openedMsIn, seedFileMs } from '@ceres/storage/internal';
import { SeedError } from '../errors';
import type { ResolvedSeed } from '../options';
import type { SeedPlan } from '../plan';
import { finishedSeeds } from './finished-seeds';
import { laterPlace } from './later-place';
import { type PlacedPartition, partitionsIn } from './partitions';
import type { SeedPlace } from './seed-place';

/**
 * Finds a place for a new seed: a first one stands before all that was ever teed, and a later one before what sinks have open now.
 *
 * @throws SeedError `ALREADY_SEEDED`, `AGAIN_REFUSED`; StorageError once retrying has not helped
 */
export async function placeOf(plan: SeedPlan, settings: ResolvedSeed): Promise<SeedPlace> {
  const { storage, clock, signal, again } = settings;
  const partitions = partitionsIn(plan);
  const retrying = { clock, signal };
  const reader = storage.list !== undefined && storage.get !== undefined ? (storage as ObjectReader) : undefined;
  if (again) return await laterPlace(reader, partitions, settings);
  try {
    if (reader !== undefined) return await firstPlace(reader, partitions, settings.instance, retrying);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    if (error.code === 'NOT_FOUND') return { firstNumber: 0 }; // a folder that the first put makes
    if (error.code !== 'DENIED') throw error;
  }
  return { firstNumber: unseenNumber(clock.now()) };
}

async function firstPlace(
  reader: ObjectReader,
  partitions: readonly PlacedPartition[],
  instance: string,
  retrying: RetryOptions,
): Promise<SeedPlace> {
  for await (const seed of finishedSeeds(reader, instance, retrying)) {
    const covered = seed.partitions.find(({ database, retentionPolicy }) =>
      partitions.some((one) => one.database === database && one.retentionPolicy === retentionPolicy),
    );
    if (covered === undefined) continue;
    throw new SeedError(
      'ALREADY_SEEDED',
      `The backup has a finished seed of ${covered.database}.${covered.retentionPolicy}, taken ${new Date(seed.takenMs).toISOString()}. Leave it out, or seed it once more with again (--again): that one wins over what was teed before it.`,
    );
  }
  let newestMs = -1;
  for (const partition of partitions) {
    const prefix = `${formatPrefix({ instance, ...partition })}2000`;
    for await (const { key } of listObjects(reader, prefix, retrying)) {
      const ms = openedMsIn(parseKey(key)?.id ?? '');
      if (ms !== undefined && isSeedName(key)) newestMs = Math.max(newestMs, ms);
    }
  }
  return { firstNumber: newestMs < 0 ? 0 : newestMs - seedFileMs(0) + 1 };
}

/** The numbers of a year are enough for this many tenths of a second: 100 years. */
const numbersFromMs = Date.UTC(2020, 0, 1);

/**
 * Returns the first number for a backup that cannot be read: an earlier seed that was given up, with its work folder, may have stored files. It began earlier, and
 * has made less than ten files a second.
 */
function unseenNumber(nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - numbersFromMs) / 100));
}
