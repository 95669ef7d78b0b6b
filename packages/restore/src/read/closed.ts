import { parseKey } from '@ceres/storage';
import type { SeedIndex } from '@ceres/storage/internal';
import { type FileFinding, isFault } from './finding';

/**
 * Returns the finding for a file as closed if a later seed holds what the file held. The times in a damaged file may be wrong, so that only a seed
 * of all times closes it; where the file is itself of a seed, its manifest says the times.
 */
export function closedBySeed(finding: FileFinding, seeds: SeedIndex | undefined): FileFinding {
  const { key = '' } = finding;
  const parts = parseKey(key);
  if (seeds === undefined || parts === undefined || !isFault(finding)) return finding;
  const own = seeds.find(key)?.file;
  const times = own === undefined ? {} : { fromNs: own.firstNs, toNs: own.lastNs };
  return seeds.closerOf({ ...parts, ...times }) === undefined ? finding : { ...finding, closed: true };
}
