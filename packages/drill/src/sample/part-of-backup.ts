import { type CallOptions, type ObjectInfo, type ObjectReader, parseKey } from '@ceres/storage';
import { parseSeedManifestKey, SeedIndex, seedManifestKey } from '@ceres/storage/internal';
import type { Sample } from './choose-sample';

interface PartOptions {
  readonly sample: Sample;
  readonly instance: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Returns a reader that shows the files of a sample alone. The manifest of a seed is shown if its files in these databases are all of the sample's days:
 * a restore never takes a seed apart, and so would refuse the days, although a drill that compares what it restored may leave the seed for another one.
 *
 * @throws StorageError once retrying has not helped
 */
export async function partOf(backup: ObjectReader, { sample, instance, signal }: PartOptions): Promise<ObjectReader> {
  const { databases, firstDay, lastDay } = sample;
  if (firstDay === undefined || lastDay === undefined) return backup;
  const isOfDays = ({ day }: { readonly day: string }) => day >= firstDay && day <= lastDay;
  const hidden = new Set<string>();
  const left = new Set<string>();
  for (const { manifest } of (await SeedIndex.read(backup, instance, { signal })).seeds) {
    const files = manifest.files.flatMap(({ key }) => ({ key, ...parseKey(key) }));
    const ofDatabases = files.filter(({ database }) => database !== undefined && databases.includes(database));
    if (ofDatabases.every(({ day = '' }) => isOfDays({ day }))) continue;
    hidden.add(seedManifestKey(instance, manifest.id));
    for (const { key } of ofDatabases) left.add(key);
  }
  const isShown = (key: string) => {
    if (parseSeedManifestKey(key) !== undefined) return !hidden.has(key);
    const parts = parseKey(key);
    return parts === undefined || (isOfDays(parts) && !left.has(key));
  };
  return {
    list: (prefix: string, options?: CallOptions & { readonly startAfter?: string }) =>
      shown(backup.list(prefix, options), isShown),
    get: (key, options) => backup.get(key, options),
  };
}

async function* shown(files: AsyncIterable<ObjectInfo>, isShown: (key: string) => boolean): AsyncGenerator<ObjectInfo> {
  for await (const info of files) {
    if (isShown(info.key)) yield info;
  }
}
