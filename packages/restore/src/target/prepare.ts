import type { ResolvedRestore } from '../options/restore';
import type { PlanSource } from '../plan/plan';
import type { Journal, JournalHeader } from '../replay/account/journal';
import { refuseNonEmpty } from './empty';
import { missingSchema, readSchema, type TargetSchema } from './schema';
import { Target } from './target';
import { wantedPolicies } from './wanted';
import { dropShards, refuseUnsafeWipe, shardsToWipe } from './wipe';

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
  const target = await Target.connect(settings.target, settings);
  const wanted = wantedPolicies(source.partitions, settings.map, settings.policies);
  const databases = wanted.map(({ database }) => database);
  const schema = await readSchema(target, databases);
  const statements = missingSchema(schema, wanted);

  if (settings.wipe) await refuseUnsafeWipe(source, journal);
  if (journal.header === undefined) {
    const shards = settings.wipe ? await shardsToWipe(target, schema, wanted) : [];
    if (!settings.wipe && !settings.intoExisting) await refuseNonEmpty(target, schema, wanted);
    await journal.begin(header);
    if (settings.wipe) await journal.wipe(shards.map(({ id }) => id));
  }
  await dropShards(target, journal);
  for (const statement of statements) await target.change(statement);
  return await readSchema(target, databases);
}
