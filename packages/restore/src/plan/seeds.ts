import { type ObjectInfo, parseKey } from '@ceres/storage';
import { mayBeSeedId, SeedIndex } from '@ceres/storage/internal';
import { RestoreError } from '../errors';
import type { ResolvedSelection } from '../options/selection';
import { fetchHeader } from './headers';

/**
 * Returns a selection that knows the seeds of its instance.
 *
 * @throws StorageError; RestoreError `INVALID_OPTIONS` for a time of opening that would take a seed apart
 */
export async function withSeeds(selection: ResolvedSelection): Promise<ResolvedSelection> {
  const { storage, instance, exclude: excluded, signal } = selection;
  const seeds = await SeedIndex.read(storage, instance, { signal, excluded });
  const known = Object.freeze({ ...selection, seeds });
  refuseMomentBeforeSeed(known);
  return known;
}

/**
 * Refuses a moment before a seed was taken. The seed holds everything that was written until then, and says of none of it when it was
 * written: with it the backup is not as it was at that moment, and without it neither.
 */
function refuseMomentBeforeSeed(selection: ResolvedSelection): void {
  const { seeds, openedFrom, openedBefore } = selection;
  for (const { manifest } of seeds.seeds) {
    const { takenMs, files } = manifest;
    const isFrom = openedFrom > -Infinity && openedFrom < takenMs;
    if (!isFrom && openedBefore >= takenMs) continue;
    if (!files.some(({ key }) => isOfSelection(key, selection))) continue;
    const option = isFrom ? 'openedFrom' : 'openedBefore';
    const taken = new Date(takenMs).toISOString();
    const given = new Date(isFrom ? openedFrom : openedBefore).toISOString();
    const why = 'A seed is one copy of what was there at that moment, and is never taken apart';
    throw new RestoreError(
      'INVALID_OPTIONS',
      `Expected \`${option}\` to be no earlier than ${taken}, when the seed ${manifest.id} was taken, got ${given}. ${why}.`,
    );
  }
}

function isOfSelection(key: string, { databases, retentionPolicies, exclude }: ResolvedSelection): boolean {
  const parts = parseKey(key);
  if (parts === undefined || exclude.has(key)) return false;
  const { database, retentionPolicy = '' } = parts;
  return databases?.has(database) !== false && retentionPolicies?.has(retentionPolicy) !== false;
}

/** Returns what tells a file of a later seed from one of a sink that has the mark of a seed in its name by chance: its header. */
export function seedHeaderCheck({
  storage,
  signal,
}: Pick<ResolvedSelection, 'storage' | 'signal'>): (file: Pick<ObjectInfo, 'key'>) => Promise<boolean> {
  return async ({ key }) => (await fetchHeader(storage, key, signal))?.header.seed !== undefined;
}

/** Returns whether a file is of a seed that no manifest names, so that none of its lines is used. */
export async function isOfUnnamedSeed(
  file: { readonly key: string; readonly id: string; readonly openedMs: number },
  selection: ResolvedSelection,
): Promise<boolean> {
  const { seeds } = selection;
  if (seeds.isUnnamed(file)) return true;
  if (!mayBeSeedId(file.id) || seeds.find(file.key) !== undefined) return false;
  return await seedHeaderCheck(selection)(file);
}
