import { whatThereIs } from '@ceres/internal';
import { formatPrefix } from '@ceres/storage';
import { firstFiles, listInstances } from '@ceres/storage/internal';
import { RestoreError } from '../errors';
import type { ResolvedSelection } from '../options/selection';
import { refuseUnknownKeys } from './excluded-keys';
import { sumUpLines } from './selected-lines';
import type { SelectionSurvey } from './survey';

/**
 * Refuses filters that match nothing, with what there is to choose from: a name that is not there is mostly a misspelled one.
 *
 * @throws RestoreError `NO_FILES`; StorageError
 */
export async function refuseUnmatched(source: SelectionSurvey): Promise<void> {
  await refuseUnknownNames(source);
  const { partitions, otherShards, unfinishedSeeds } = source;
  // Files of an unfinished seed are there, and are not used: that is reported, and is no misspelled name.
  if (partitions.length + otherShards.size + unfinishedSeeds.length === 0) throw await noneSelected(source.selection);
}

/** Returns the error for an instance that a backup has no file of. */
export async function unknownInstance({
  storage,
  instance,
  signal,
}: Pick<ResolvedSelection, 'storage' | 'instance' | 'signal'>): Promise<RestoreError> {
  const instances = await listInstances(storage, { signal });
  const known = whatThereIs(instance, instances);
  return new RestoreError('NO_FILES', `The backup has no file of the instance '${instance}'. ${known}`);
}

async function refuseUnknownNames({ selection, partitions, otherShards }: SelectionSurvey): Promise<void> {
  const { storage, instance, databases, retentionPolicies, signal } = selection;
  await refuseUnknownKeys(selection);
  const planned = new Set(partitions.map(({ database }) => database));
  const missing = [...(databases ?? [])].filter((name) => !planned.has(name) && !otherShards.has(name));
  const isMixed = partitions.some(({ mixed }) => mixed !== undefined);
  const policies = new Set(partitions.flatMap(({ retentionPolicy = '', mixed }) => mixed ?? [retentionPolicy]));
  const missingPolicies = [...(retentionPolicies ?? [])].filter((name) => !policies.has(name));
  if (missing.length === 0 && (missingPolicies.length === 0 || isMixed || otherShards.size > 0)) return;
  const options = { signal };
  const files = await firstFiles(storage, formatPrefix({ instance }), options);
  if (files.length === 0) throw await unknownInstance(selection);
  const all = files.map(({ database }) => database);
  refuseUnknown('database', missing, all, `The backup of '${instance}' has no`);
  const found = new Set<string>();
  for (const database of databases ?? all) {
    for (const { retentionPolicy = '', mixed } of await firstFiles(
      storage,
      formatPrefix({ instance, database }),
      options,
    )) {
      if (mixed) return; // only its header names the policies of a mixed file
      found.add(retentionPolicy);
    }
  }
  const where = databases === undefined ? `'${instance}'` : [...databases].map((name) => `'${name}'`).join(', ');
  refuseUnknown('policy', missingPolicies, [...found], `The backup of ${where} has no`);
}

function refuseUnknown(what: string, names: readonly string[], known: readonly string[], begin: string): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new RestoreError('NO_FILES', `${begin} ${what} '${unknown}'. ${whatThereIs(unknown, known)}`);
}

/** Returns the error for a selection that has right names and selects no file: by times of points, of files, or by `exclude`. */
async function noneSelected(selection: ResolvedSelection): Promise<RestoreError> {
  const { storage, instance, from, until, openedFrom, openedBefore, signal } = selection;
  const files = await firstFiles(storage, formatPrefix({ instance }), { signal });
  if (files.length === 0) return await unknownInstance(selection);
  const anyTime = { ...selection, from: undefined, until: undefined, openedFrom: -Infinity, openedBefore: Infinity };
  const { first, last, firstFileMs, lastFileMs } = await sumUpLines(anyTime);
  const isByFiles = openedFrom > -Infinity || openedBefore < Infinity;
  const has: string[] = [];
  if (isByFiles && firstFileMs !== undefined && lastFileMs !== undefined) {
    has.push(`They were opened from ${timeText(msToNs(firstFileMs))} to ${timeText(msToNs(lastFileMs))}.`);
  }
  if ((from !== undefined || until !== undefined) && first !== undefined && last !== undefined) {
    has.push(`Their points are from ${timeText(first)} to ${timeText(last)}.`);
  }
  const todo = has.length > 0 ? has.join(' ') : 'Check what is excluded.';
  return new RestoreError('NO_FILES', `The filters select no file of '${instance}', although there are some. ${todo}`);
}

function msToNs(ms: number): bigint {
  return BigInt(ms) * 1_000_000n;
}

/** Returns a time for a message, to the millisecond. */
export function timeText(ns: bigint): string {
  return new Date(Number(ns / 1_000_000n)).toISOString().replace('.000Z', 'Z');
}
