import { createHash } from 'node:crypto';
import { asStorageFault, RestoreError } from '../errors';
import { check } from '../options/checks';
import { type ResolvedSelection, resolveSelection, selectionNames } from '../options/selection';
import { closedIn, type Ledgers, readLedgers, toFileFinding } from '../read/missing';
import { mergeOrdered } from './merge';
import { compareFiles, compareText, type OrderedFile } from './order';
import { listPartition } from './partitions';
import { withSeeds } from './seeds';
import { pruneByHeader, type SelectionSurvey, type Survey, type SurveyedPartition, survey } from './survey';
import type { PlannedFile, RestorePlan, Selection } from './types';
import { refuseUnknownMeasurements } from './unknown-measurements';
import { refuseUnmatched } from './unmatched';

/** What a plan was made from: the replay needs more than the plan shows. */
export type PlanSource = SelectionSurvey;

/** A symbol keeps the source out of a plan's JSON, and in `{ ...plan }`. */
const sourceKey = Symbol('@ceres/restore plan source');

/**
 * Lists everything selected once, and says what a restore would replay, in which order. Writes nothing.
 *
 * A plan grows with the number of partitions, not of files: `list()` streams the files from the storage again.
 * With `from` or `until` it reads the first 4 KiB of every file, to leave out those whose summary lies outside.
 *
 * @example
 * ```ts
 * import { planRestore } from '@ceres/restore';
 * import { LocalStorage } from '@ceres/storage';
 *
 * const plan = await planRestore({ storage: new LocalStorage('/var/backups/influx'), instance: 'influxdb-0' });
 * console.log(plan.files, plan.bytes);
 * ```
 * With `measurements` it also reads files until it has found each of them.
 *
 * @returns the plan; its `files` is 0 only for a shard that has nothing to do
 * @throws RestoreError `INVALID_OPTIONS`; `NO_FILES` for a filter that matches nothing, with what there is; or `STORAGE`
 */
export async function planRestore(selection: Selection): Promise<RestorePlan> {
  check.names('planRestore()', selection, selectionNames);
  const resolved = await seedsOrFault(resolveSelection(selection));
  const surveyed = await surveyOrFault(resolved);
  const source: PlanSource = { selection: resolved, ...surveyed };
  await unmatchedOrFault(source, refuseUnmatched, refuseUnknownMeasurements);
  const ledgers = await ledgersOrFault(resolved);
  const missing = [...ledgers.findings, ...surveyed.unfinishedSeeds].map(toFileFinding);
  const { partitions, files, bytes, skippedNames, weaklyOrderedFiles } = surveyed;
  return Object.freeze({
    id: planId(resolved),
    partitions: partitions.map(({ weakDays: _, newestKeys: __, ...shown }) => Object.freeze(shown)),
    files,
    bytes,
    missing,
    closed: closedIn(ledgers),
    skippedNames,
    weaklyOrderedFiles,
    list: () => listed(source),
    [sourceKey]: source,
  });
}

/** Reads the seeds of a selection, and reports a fault of the storage as a `STORAGE` error. */
export async function seedsOrFault(selection: ResolvedSelection): Promise<ResolvedSelection> {
  try {
    return await withSeeds(selection);
  } catch (error) {
    throw asStorageFault(error, `Reading the seeds of ${selection.instance}`);
  }
}

/** Surveys a selection, and reports a fault of the storage as a `STORAGE` error. */
export async function surveyOrFault(selection: ResolvedSelection): Promise<Survey> {
  try {
    return await survey(selection);
  } catch (error) {
    throw asStorageFault(error, `Listing the backup of ${selection.instance}`);
  }
}

/** Refuses filters that match nothing, and reports a fault of the storage as a `STORAGE` error. */
export async function unmatchedOrFault(
  source: PlanSource,
  ...refusals: readonly ((source: PlanSource) => Promise<void>)[]
): Promise<void> {
  try {
    for (const refuse of refusals) await refuse(source);
  } catch (error) {
    throw asStorageFault(error, `Looking for what the backup of ${source.selection.instance} holds`);
  }
}

/** Reads the ledgers of a selection, and reports a fault of the storage as a `STORAGE` error. */
async function ledgersOrFault(selection: ResolvedSelection): Promise<Ledgers> {
  try {
    return await readLedgers(selection);
  } catch (error) {
    throw asStorageFault(error, `Reading the ledgers of ${selection.instance}`);
  }
}

/**
 * Returns what a plan was made from.
 *
 * @throws RestoreError `INVALID_OPTIONS` for a plan that `planRestore` did not make
 */
export function sourceOf(plan: RestorePlan): PlanSource {
  const source = (plan as { readonly [sourceKey]?: PlanSource })[sourceKey];
  if (source !== undefined) return source;
  throw new RestoreError('INVALID_OPTIONS', 'Expected a plan made by planRestore(), got another object.');
}

/**
 * Yields the files of a plan, one order unit after the other.
 *
 * @param destinationOf returns the database that a database of the backup is restored into: databases that go into the
 *   same one form one order unit
 */
export async function* inReplayOrder(
  { selection, partitions, bound }: PlanSource,
  destinationOf: (database: string) => string,
): AsyncGenerator<OrderedFile> {
  const units = new Map<string, SurveyedPartition[]>();
  for (const partition of partitions) {
    const destination = destinationOf(partition.database);
    const unit = units.get(destination);
    if (unit === undefined) units.set(destination, [partition]);
    else unit.push(partition);
  }
  for (const destination of [...units.keys()].sort(compareText)) {
    const unit = units.get(destination) ?? [];
    const streams = unit.map((partition) =>
      listPartition({
        partition,
        mixed: partition.mixed !== undefined,
        selection,
        bound,
        weakDays: partition.weakDays,
      }),
    );
    yield* mergeOrdered(streams, compareFiles);
  }
}

async function* listed(source: PlanSource): AsyncGenerator<PlannedFile> {
  try {
    for await (const file of pruneByHeader(
      inReplayOrder(source, (database) => database),
      source.selection,
    )) {
      const { key, id, sizeBytes, instance, database, retentionPolicy = '' } = file;
      yield { key, id, sizeBytes, instance, database, retentionPolicy };
    }
  } catch (error) {
    throw asStorageFault(error, `Listing the files of ${source.selection.instance}`);
  }
}

/** Returns the id of what was asked for, not of what was found: a backup that still grows must not orphan a journal. */
function planId(selection: ResolvedSelection): string {
  const { instance, databases, retentionPolicies, measurements, shard } = selection;
  const { from, until, openedFrom, openedBefore, exclude } = selection;
  const asked = [
    instance,
    ...[databases, retentionPolicies, measurements].map((names) => (names ? [...names].sort() : null)),
    ...[from, until, openedFrom, openedBefore].map(String),
    shard.index,
    shard.of,
    ...(exclude.size > 0 ? [[...exclude].sort()] : []),
  ];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 16);
}
