import { createHash } from 'node:crypto';
import { formatPrefix, listObjects, type ObjectInfo, type Partition, parseKey } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';

import { compareFiles, type OrderedFile, orderedFile } from './order';

/** The newest file of a plan: a later listing ends there. -1 and '' where there is none. Stands in journals. */
export interface Bound {
  readonly openedMs: number;
  readonly id: string;
  /** Of the newest weakly ordered file: it is compared by time alone. */
  readonly weakMs: number;
}

/** The file behind a listed name; `undefined` if the name is no backup file's. */
export function listedFile(info: ObjectInfo): OrderedFile | undefined {
  const parts = parseKey(info.key);
  return parts === undefined || parts.quarantine ? undefined : orderedFile(parts, info);
}

/** By the name alone, and but for the shard. Times of points need the file's header. */
export function isSelected(file: OrderedFile, selection: ResolvedSelection): boolean {
  const { databases, retentionPolicies, openedFrom, openedBefore } = selection;
  return (
    file.openedMs >= openedFrom &&
    file.openedMs < openedBefore &&
    databases?.has(file.database) !== false &&
    retentionPolicies?.has(file.retentionPolicy ?? '') !== false
  );
}

/** By a hash of the name, so that shards planned at different moments never disagree about a database. */
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
  readonly selection: ResolvedSelection;
  readonly bound: Bound;
  /** The days on which names do not tell the order. */
  readonly weakDays: ReadonlySet<string>;
}

/**
 * The files of one partition in replay order.
 *
 * Names in order stream as they come; only a day on which some do not tell their order is held and sorted.
 */
export async function* listPartition(listing: PartitionListing): AsyncGenerator<OrderedFile> {
  const { partition, selection, bound, weakDays } = listing;
  const { storage, signal } = selection;
  const prefix = formatPrefix({ ...partition, retentionPolicy: partition.retentionPolicy ?? '' });
  let held: OrderedFile[] = [];
  for await (const info of listObjects(storage, prefix, { signal })) {
    const file = listedFile(info);
    if (file === undefined || !isSelected(file, selection) || !isWithin(bound, file)) continue;
    if (held.length > 0 && held[0]?.day !== file.day) {
      yield* held.sort(compareFiles);
      held = [];
    }
    if (weakDays.has(file.day)) held.push(file);
    // On a day that held none when it was planned, a weak name is newer than the plan.
    else if (!file.weak) yield file;
  }
  yield* held.sort(compareFiles);
}
