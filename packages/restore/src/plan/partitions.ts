import { createHash } from 'node:crypto';
import { formatPrefix, listObjects, type ObjectInfo, type Partition, parseKey } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import { compareFiles, type OrderedFile, orderedFile } from './order';
import { isOfUnnamedSeed } from './seeds';

/** The newest file of a plan, where a later listing ends; -1 and '' if there is none. It stands in journals. */
export interface Bound {
  readonly openedMs: number;
  readonly id: string;
  /** The time of the newest weakly ordered file. Weakly ordered files are compared by time alone. */
  readonly weakMs: number;
}

/** Returns the file behind a listed name; `undefined` if it is not the name of a backup file. */
export function listedFile(info: ObjectInfo): OrderedFile | undefined {
  const parts = parseKey(info.key);
  return parts === undefined || parts.quarantine ? undefined : orderedFile(parts, info);
}

/**
 * Returns whether a file is selected by its name alone. The shard is not looked at; times of points need the header, and the policies of a
 * mixed file its records.
 */
export function isSelected(file: OrderedFile, selection: ResolvedSelection): boolean {
  const { openedFrom, openedBefore, exclude, seeds } = selection;
  // The names of a seed's files come from before it was taken, and no moment before that is selected.
  const isOpenedThen = file.openedMs >= openedFrom && file.openedMs < openedBefore;
  return !exclude.has(file.key) && isOpenedThen && !seeds.isUnnamed(file) && selectsPlace(file, selection);
}

/** Returns whether the database and the policy of a file are selected. */
export function selectsPlace(
  { database, retentionPolicy = '', mixed }: OrderedFile,
  { databases, retentionPolicies }: ResolvedSelection,
): boolean {
  return databases?.has(database) !== false && (mixed || retentionPolicies?.has(retentionPolicy) !== false);
}

/** Returns a database's shard: by a hash of its name, so that shards planned at different moments never disagree. */
export function shardOf(database: string, of: number): number {
  if (of === 1) return 0;
  return createHash('sha256').update(database).digest().readUInt32BE() % of;
}

function isWithin(bound: Bound, file: OrderedFile): boolean {
  if (file.weak) return file.openedMs <= bound.weakMs;
  return file.openedMs < bound.openedMs || (file.openedMs === bound.openedMs && file.id <= bound.id);
}

export interface PartitionListing {
  readonly partition: Partition;
  /** Set for the files that switch between policies. */
  readonly mixed: boolean;
  readonly selection: ResolvedSelection;
  readonly bound: Bound;
  /** The days with names that do not tell the order. */
  readonly weakDays: ReadonlySet<string>;
}

/**
 * Yields the files of one partition in replay order.
 *
 * Files stream in the order of their names; only a day with names that do not tell the order is held and sorted.
 */
export async function* listPartition(listing: PartitionListing): AsyncGenerator<OrderedFile> {
  const { partition, mixed, selection, bound, weakDays } = listing;
  const { storage, signal } = selection;
  const { instance, database, retentionPolicy = '' } = partition;
  const prefix = formatPrefix({ instance, database, retentionPolicy, mixed });
  let held: OrderedFile[] = [];
  for await (const info of listObjects(storage, prefix, { signal })) {
    const file = listedFile(info);
    if (file === undefined || !isSelected(file, selection)) continue;
    // A seed that was unfinished when the plan was made belongs to it, wherever its names stand.
    if (!isWithin(bound, file) && selection.seeds.find(file.key) === undefined) continue;
    if (await isOfUnnamedSeed(file, selection)) continue;
    if (held.length > 0 && held[0]?.day !== file.day) {
      yield* held.sort(compareFiles);
      held = [];
    }
    if (weakDays.has(file.day)) held.push(file);
    // The plan saw no weak name on this day, so a weak name is newer than the plan.
    else if (!file.weak) yield file;
  }
  yield* held.sort(compareFiles);
}
