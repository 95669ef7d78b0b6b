import { utcDay } from '@ceres/internal';
import type { PolicySchema } from '@ceres/lineproto';
import { formatPrefix, type LedgerFinding, listObjects, type Partition, readObject } from '@ceres/storage';
import { UnfinishedSeeds } from '@ceres/storage/internal';
import type { ResolvedSelection } from '../options/selection';
import { checkFile } from '../read/check-file';
import { isFault } from '../read/finding';
import { fetchHeader, isOutside, mixedHeaderBytes } from './headers';
import { compareFiles, compareText, type OrderedFile } from './order';
import { type Bound, isSelected, listedFile, selectsPlace, shardOf } from './partitions';
import { isOfUnnamedSeed } from './seeds';
import type { PartitionPlan } from './types';

/** The counts of one partition while the listing goes by. */
interface Tally {
  readonly partition: Partition;
  files: number;
  bytes: number;
  firstDay: string;
  lastDay: string;
  readonly weakDays: Set<string>;
  /** When the newest of its seeds was taken, if it has no other files. */
  seedTakenMs: number | undefined;
  /** The policies of files that switch between several; `undefined` for files of one. */
  readonly mixed: Set<string> | undefined;
  /** The last few files, the newest last: the header of one of them tells the policy. */
  readonly newest: OrderedFile[];
}

export interface SurveyedPartition extends PartitionPlan {
  readonly weakDays: ReadonlySet<string>;
  /** The keys of the last few files, the newest last. */
  readonly newestKeys: readonly string[];
}

/** What one listing of everything selected tells. It grows with the number of partitions, not of files. */
export interface Survey {
  readonly partitions: readonly SurveyedPartition[];
  readonly files: number;
  readonly bytes: number;
  readonly skippedNames: number;
  readonly weaklyOrderedFiles: number;
  readonly bound: Bound;
  /** `undefined` if nothing is selected. */
  readonly newestKey: string | undefined;
  /** Databases that the filters select, but that belong to other shards. */
  readonly otherShards: ReadonlySet<string>;
  /** The seeds that have no manifest to believe: none of their files is selected. */
  readonly unfinishedSeeds: readonly LedgerFinding[];
}

/** A survey, and what it was made of. */
export interface SelectionSurvey extends Survey {
  readonly selection: ResolvedSelection;
}

/** How many headers are read concurrently. */
const headersAtOnce = 16;
const newestKept = 3;

/** A partition, and the file that describes its policy. */
interface FinishedPartition {
  readonly surveyed: SurveyedPartition;
  readonly describedBy?: OrderedFile;
}

/** Lists everything selected once, and counts it by partition. */
export async function survey(selection: ResolvedSelection): Promise<Survey> {
  const tallies = new Map<string, Tally>();
  let skippedNames = 0;
  let weaklyOrderedFiles = 0;
  const otherShards = new Set<string>();
  const unfinished = new UnfinishedSeeds(selection.seeds);
  let newest: OrderedFile | undefined;
  let newestWeak: OrderedFile | undefined;

  const selected = async function* () {
    for (const prefix of prefixes(selection)) {
      for await (const info of listObjects(selection.storage, prefix, { signal: selection.signal })) {
        const file = listedFile(info);
        if (file === undefined) skippedNames += 1;
        else if (selectsPlace(file, selection) && (await isOfUnnamedSeed(file, selection))) {
          if (shardOf(file.database, selection.shard.of) === selection.shard.index) unfinished.add(info);
        } else if (isSelected(file, selection)) {
          if (shardOf(file.database, selection.shard.of) === selection.shard.index) yield file;
          else otherShards.add(file.database);
        }
      }
    }
  };
  const reading: Promise<void>[] = [];
  for await (const file of pruneByHeader(selected(), selection)) {
    const { mixed } = tally(tallies, file, selection);
    if (mixed !== undefined) {
      const policies = addPolicies(mixed, file, selection);
      policies.catch(() => undefined); // until it is awaited below, a rejection would end the process
      reading.push(policies);
    }
    if (reading.length >= headersAtOnce) await Promise.all(reading.splice(0));
    if (file.weak) {
      weaklyOrderedFiles += 1;
      newestWeak = later(file, newestWeak);
    } else newest = later(file, newest);
  }

  await Promise.all(reading);
  const finished: FinishedPartition[] = [];
  for (const key of [...tallies.keys()].sort(compareText)) {
    finished.push(await finish(tallies.get(key) as Tally, selection));
  }
  const partitions = withLastDefault(finished);
  return {
    partitions,
    files: partitions.reduce((sum, { files }) => sum + files, 0),
    bytes: partitions.reduce((sum, { bytes }) => sum + bytes, 0),
    skippedNames,
    weaklyOrderedFiles,
    bound: { openedMs: newest?.openedMs ?? -1, id: newest?.id ?? '', weakMs: newestWeak?.openedMs ?? -1 },
    newestKey: (newest ?? newestWeak)?.key,
    otherShards,
    unfinishedSeeds: unfinished.findings(),
  };
}

/**
 * Leaves out files whose own summary lies outside the selected times of points. A header that nothing proves leaves no file out. Reads
 * nothing if no time is selected.
 */
export async function* pruneByHeader(
  files: AsyncIterable<OrderedFile>,
  selection: ResolvedSelection,
): AsyncGenerator<OrderedFile> {
  if (selection.from === undefined && selection.until === undefined) {
    yield* files;
    return;
  }
  for await (const some of chunks(files, headersAtOnce)) {
    const headers = await Promise.all(some.map(({ key }) => fetchHeader(selection.storage, key, selection.signal)));
    for (const [i, file] of some.entries()) {
      const fetched = headers[i];
      if (!fetched?.isProven || !isOutside(fetched.header, selection)) yield file;
    }
  }
}

async function* chunks<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let chunk: T[] = [];
  for await (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Returns the prefixes to list: those of the named databases, or that of the whole instance. */
function prefixes({ instance, databases }: ResolvedSelection): string[] {
  if (databases === undefined) return [formatPrefix({ instance })];
  return [...databases].map((database) => formatPrefix({ instance, database }));
}

function tally(tallies: Map<string, Tally>, file: OrderedFile, { seeds }: ResolvedSelection): Tally {
  const { instance, database, retentionPolicy = '', sizeBytes, mixed } = file;
  const takenMs = seeds.find(file.key)?.seed.manifest.takenMs;
  const day = takenMs === undefined ? file.day : utcDay(takenMs);
  const name = `${database}/${retentionPolicy}${mixed ? '\0' : ''}`;
  let entry = tallies.get(name);
  if (entry === undefined) {
    const partition = { instance, database, retentionPolicy };
    const policies = mixed ? new Set<string>() : undefined;
    const days = { firstDay: day, lastDay: day, weakDays: new Set<string>() };
    entry = { partition, files: 0, bytes: 0, ...days, seedTakenMs: takenMs, mixed: policies, newest: [] };
    tallies.set(name, entry);
  }
  entry.files += 1;
  entry.bytes += sizeBytes;
  if (day < entry.firstDay) entry.firstDay = day;
  if (day > entry.lastDay) entry.lastDay = day;
  if (file.weak) entry.weakDays.add(file.day);
  if (takenMs === undefined) entry.seedTakenMs = undefined;
  else if (entry.seedTakenMs !== undefined) entry.seedTakenMs = Math.max(entry.seedTakenMs, takenMs);
  entry.newest.push(file);
  entry.newest.sort(compareFiles);
  if (entry.newest.length > newestKept) entry.newest.shift();
  return entry;
}

/** Adds the selected policies that a file switches between. A replay reports a file whose header cannot be read. */
async function addPolicies(policies: Set<string>, { key }: OrderedFile, selection: ResolvedSelection): Promise<void> {
  const fetched = await fetchHeader(selection.storage, key, selection.signal, mixedHeaderBytes);
  if (!fetched?.isProven) return; // its policies may be names that were never written
  for (const name of fetched.header.mixed ?? [])
    if (selection.retentionPolicies?.has(name) !== false) policies.add(name);
}

/** Adds the policy's schema from the newest header that has it: a sink that could not read the schema leaves it out. */
async function finish(
  { newest, partition, mixed, seedTakenMs, ...rest }: Tally,
  selection: ResolvedSelection,
): Promise<FinishedPartition> {
  const taken = seedTakenMs === undefined ? {} : { seedTakenMs };
  const surveyed = { ...partition, ...rest, ...taken, newestKeys: newest.map(({ key }) => key) };
  if (mixed !== undefined) return { surveyed: { ...surveyed, mixed: [...mixed].sort(compareText) } };
  for (const file of newest.toReversed()) {
    const policy = await policyIn(file.key, selection);
    if (policy !== undefined) return { surveyed: { ...surveyed, policy }, describedBy: file };
  }
  return { surveyed };
}

/** A database has one default policy: of several that were it in turn, only the last one is left as such. */
function withLastDefault(finished: readonly FinishedPartition[]): SurveyedPartition[] {
  const last = new Map<string, OrderedFile>();
  for (const { surveyed, describedBy } of finished) {
    if (surveyed.policy?.name === undefined || describedBy === undefined) continue;
    last.set(surveyed.database, later(describedBy, last.get(surveyed.database)));
  }
  return finished.map(({ surveyed, describedBy }) => {
    if (surveyed.policy?.name === undefined || describedBy === last.get(surveyed.database)) return surveyed;
    const { name: _, ...policy } = surveyed.policy;
    return { ...surveyed, policy: { ...policy, isDefault: false } };
  });
}

/** Returns the policy in a file's header. One with a wrong duration would lose points, so a header without a checksum is not enough. */
async function policyIn(key: string, { storage, signal }: ResolvedSelection): Promise<PolicySchema | undefined> {
  const fetched = await fetchHeader(storage, key, signal);
  if (fetched === undefined || fetched.isProven || fetched.header.policy === undefined) return fetched?.header.policy;
  const { finding, header } = await checkFile(key, readObject(storage, key, signal ? { signal } : {}));
  return finding === undefined || !isFault(finding) ? header?.policy : undefined;
}

function later(file: OrderedFile, than: OrderedFile | undefined): OrderedFile {
  if (than === undefined) return file;
  const byTime = file.openedMs - than.openedMs || compareText(file.id, than.id);
  return byTime > 0 ? file : than;
}
