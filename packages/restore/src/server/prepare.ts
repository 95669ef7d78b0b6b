import type { Journal, JournalHeader } from '../journal/journal';
import type { ResolvedRestore } from '../options/restore';
import type { PlanSource } from '../plan/plan';
import { foresee } from './inspect';
import { readSchema, type TargetSchema } from './schema';
import { dropShards, refuseWipeForFaults, shardsToWipe } from './wipe';

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
