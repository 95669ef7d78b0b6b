import type { Journal, JournalHeader } from '../journal/journal';
import type { ResolvedRestore } from '../options/restore';
import type { PlanSource } from '../plan/plan';
import { Target } from './connection';
import { wantedPolicies } from './planned-policies';
import { refuseNonEmpty, refuseReplaced } from './refusals';
import { missingSchema, readSchema, type TargetSchema, type WantedPolicy } from './schema';
import { dropShards, refuseLateWipe, refuseWipeForFaults, shardsToWipe } from './wipe';

/** A target before a restore, and what is to be created there. */
export interface Prospect {
  readonly target: Target;
  readonly wanted: readonly WantedPolicy[];
  readonly schema: TargetSchema;
  /** Statements. */
  readonly creates: readonly string[];
}

/**
 * Asks the target what a restore meets there, and refuses what is quickly known to be wrong: for the restore and for its
 * preview, so that they agree. Changes nothing.
 *
 * @param journal not finished
 * @throws RestoreError `TARGET_…`, `INVALID_OPTIONS`, `WIPE_REFUSED` or `JOURNAL_MISMATCH`
 */
export async function foresee(source: PlanSource, settings: ResolvedRestore, journal: Journal): Promise<Prospect> {
  const { map, policies, wipe, intoExisting } = settings;
  const target = await Target.connect(settings.target, settings);
  const wanted = wantedPolicies(source.partitions, map, policies);
  const schema = await readSchema(
    target,
    wanted.map(({ database }) => database),
  );
  await refuseReplaced(target, journal, schema, wanted, map);
  const creates = missingSchema(schema, wanted);
  if (wipe) refuseLateWipe(journal);
  else if (journal.header === undefined && !intoExisting) await refuseNonEmpty(target, schema, wanted);
  return { target, wanted, schema, creates };
}

/**
 * Makes a target ready for the first write: what could refuse the restore is asked before anything is changed, and what
 * is changed stands in the journal before. A resume goes on where that ended.
 *
 * @returns the target's policies as they are then
 * @throws RestoreError `TARGET_…`, `INVALID_OPTIONS`, `WIPE_REFUSED` or `JOURNAL_MISMATCH`
 */
export async function prepareTarget(
  source: PlanSource,
  settings: ResolvedRestore,
  journal: Journal,
  header: JournalHeader,
): Promise<TargetSchema> {
  const { target, wanted, schema, creates } = await foresee(source, settings, journal);
  if (journal.header === undefined) {
    if (settings.wipe) await refuseWipeForFaults(source);
    const shards = settings.wipe ? await shardsToWipe(target, schema, wanted) : [];
    await journal.begin({ ...header, ...(settings.wipe && { wipe: shards.map(({ id }) => id) }) });
  }
  // What the target might refuse comes before what cannot be undone.
  for (const statement of creates) await target.change(statement);
  await dropShards(target, journal);
  return await readSchema(
    target,
    wanted.map(({ database }) => database),
  );
}
