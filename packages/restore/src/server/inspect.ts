import type { Journal } from '../journal/journal';
import type { ResolvedRestore } from '../options/restore';
import type { PlanSource } from '../plan/plan';
import { Target } from './connection';
import { wantedPolicies } from './planned-policies';
import { refuseNonEmpty } from './refusals';
import { refuseReplaced } from './replaced-server';
import { missingSchema, readSchema, type TargetSchema, type WantedPolicy } from './schema';
import { refuseLateWipe } from './wipe';

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
