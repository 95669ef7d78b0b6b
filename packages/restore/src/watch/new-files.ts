import { type FileHeader, nanosecondsPer } from '@ceres/lineproto';
import { formatPrefix, listObjects } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import { fetchHeader } from '../plan/headers';
import type { OrderedFile } from '../plan/order';
import { isSelected, listedFile } from '../plan/partitions';
import type { TimeSpan } from '../verify/time-spans';

/** How many headers are read concurrently. */
const headersAtOnce = 16;
/** A listing may show a file a little later than it was created. */
const slackMs = 10 * 60_000;
/** The keys of files that are remembered. The others are compared twice. */
const keysMax = 10_000;
const dayNs = 24n * nanosecondsPer.h;

/** How far a listing has come. */
export interface ListedFiles {
  /** When the storage created the newest of all files, in ms since the epoch. */
  readonly newestMs: number | undefined;
  /** The keys of the files that are about as new: what another listing finds besides them is new. */
  readonly newestKeys: readonly string[];
}

/** The files that were stored since an earlier listing. */
export interface NewFiles {
  /** The times of their points, by database. */
  readonly spans: ReadonlyMap<string, readonly TimeSpan[]>;
  readonly listed: ListedFiles;
}

/**
 * Lists the files of a backup, and finds out which times of points the new ones hold.
 *
 * @param before what the last listing returned. Default: no file is new, since all are compared
 * @throws StorageError
 */
export async function findNewFiles(selection: ResolvedSelection, before: ListedFiles | undefined): Promise<NewFiles> {
  const { storage, instance, signal } = selection;
  const spans = new Map<string, TimeSpan[]>();
  const known = new Set(before?.newestKeys);
  let newestMs = before?.newestMs;
  let recent: { readonly key: string; readonly createdMs: number }[] = [];
  let batch: OrderedFile[] = [];
  const read = async () => {
    const files = batch;
    batch = [];
    const found = await Promise.all(files.map(async (file) => await timesOf(file, selection)));
    for (const [i, { database }] of files.entries()) {
      const own = spans.get(database) ?? [];
      spans.set(database, [...own, found[i] as TimeSpan]);
    }
  };
  for await (const info of listObjects(storage, formatPrefix({ instance }), { signal })) {
    const { key, createdMs } = info;
    newestMs = Math.max(newestMs ?? createdMs, createdMs);
    if (createdMs > newestMs - slackMs) recent.push({ key, createdMs });
    if (recent.length > 2 * keysMax) recent = newestOf(recent, newestMs);
    if (before?.newestMs === undefined || createdMs <= before.newestMs - slackMs || known.has(key)) continue;
    const file = listedFile(info);
    if (file === undefined || !isSelected(file, selection)) continue;
    batch.push(file);
    if (batch.length >= headersAtOnce) await read();
  }
  await read();
  const newestKeys = newestOf(recent, newestMs ?? 0).map(({ key }) => key);
  return { spans, listed: { newestMs, newestKeys } };
}

function newestOf<T extends { readonly createdMs: number }>(files: readonly T[], newestMs: number): T[] {
  return files
    .filter(({ createdMs }) => createdMs > newestMs - slackMs)
    .sort((a, b) => b.createdMs - a.createdMs)
    .slice(0, keysMax);
}

/** Returns the times of a file's points; where its header is not proven, the days around its own. */
async function timesOf({ key, openedMs }: OrderedFile, { storage, signal }: ResolvedSelection): Promise<TimeSpan> {
  const fetched = await fetchHeader(storage, key, signal);
  const proven = fetched?.isProven ? spanOf(fetched.header) : undefined;
  if (proven !== undefined) return proven;
  const openedNs = BigInt(Math.floor(openedMs)) * nanosecondsPer.ms;
  return { from: openedNs - dayNs, until: openedNs + dayNs };
}

function spanOf({ summary, precision }: FileHeader): TimeSpan | undefined {
  if (summary === undefined || precision === undefined) return undefined;
  const unit = nanosecondsPer[precision];
  return { from: summary.firstTimestamp * unit, until: summary.lastTimestamp * unit + unit };
}
