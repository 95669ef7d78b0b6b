import { createHash } from 'node:crypto';
import { asStorageFault, RestoreError } from '../errors';
import { type ResolvedSelection, resolveSelection } from '../options/selection';
import { mergeOrdered } from './merge';
import { compareFiles, compareText, type OrderedFile } from './order';
import { listPartition } from './partitions';
import { pruneByHeader, type Survey, type SurveyedPartition, survey } from './survey';
import type { PlannedFile, RestorePlan, Selection } from './types';

/** What a plan was made from: what the replay works with, beyond what the plan shows. */
export interface PlanSource extends Survey {
  readonly selection: ResolvedSelection;
}

/** A symbol, so that a plan prints as JSON and survives `{ ...plan }`. */
const sourceKey = Symbol('@ceres/restore plan source');

/**
 * Lists everything selected once, and says what a restore would replay, in which order. Writes nothing.
 *
 * A plan is as large as the number of partitions, not of files: `list()` streams them from the storage again.
 * With `from` or `to` it reads the first 4 KiB of every file, to leave out those whose summary lies outside.
 *
 * @returns a plan, also where nothing is selected: `files` is 0 then
 * @throws RestoreError `INVALID_OPTIONS` or `STORAGE`
 */
export async function planRestore(selection: Selection): Promise<RestorePlan> {
  const resolved = resolveSelection(selection);
  const surveyed = await surveyOrFault(resolved);
  const { partitions, files, bytes, skippedNames, weaklyOrderedFiles } = surveyed;
  const source: PlanSource = { selection: resolved, ...surveyed };
  return Object.freeze({
    id: planId(resolved),
    partitions: partitions.map(({ weakDays: _, ...shown }) => Object.freeze(shown)),
    ...{ files, bytes, skippedNames, weaklyOrderedFiles },
    list: () => listed(source),
    [sourceKey]: source,
  });
}

/** @throws RestoreError `STORAGE` */
export async function surveyOrFault(selection: ResolvedSelection): Promise<Survey> {
  try {
    return await survey(selection);
  } catch (error) {
    throw asStorageFault(error, `Listing the backup of ${selection.instance}`);
  }
}

/** @throws RestoreError `INVALID_OPTIONS` for a plan that `planRestore` did not make */
export function sourceOf(plan: RestorePlan): PlanSource {
  const source = (plan as { readonly [sourceKey]?: PlanSource })[sourceKey];
  if (source !== undefined) return source;
  throw new RestoreError('INVALID_OPTIONS', 'The plan was not made by planRestore(): make one with it.');
}

/**
 * The files of a plan, one order unit after the other.
 *
 * @param targetOf the database that a source database is restored into: those with the same target are one unit
 */
export async function* inReplayOrder(
  { selection, partitions, bound }: PlanSource,
  targetOf: (database: string) => string,
): AsyncGenerator<OrderedFile> {
  const units = new Map<string, SurveyedPartition[]>();
  for (const partition of partitions) {
    const target = targetOf(partition.database);
    const unit = units.get(target);
    if (unit === undefined) units.set(target, [partition]);
    else unit.push(partition);
  }
  for (const target of [...units.keys()].sort(compareText)) {
    const unit = units.get(target) ?? [];
    const streams = unit.map((partition) =>
      listPartition({ partition, selection, bound, weakDays: partition.weakDays }),
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

/** Of what was asked for, not of what was found: a backup that still grows must not orphan a journal. */
function planId(selection: ResolvedSelection): string {
  const { instance, databases, retentionPolicies, measurements, from, to, openedFrom, openedBefore, shard } = selection;
  const asked = [
    instance,
    ...[databases, retentionPolicies, measurements].map((names) => (names ? [...names].sort() : null)),
    ...[from, to, openedFrom, openedBefore].map(String),
    shard.index,
    shard.of,
  ];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex').slice(0, 16);
}
