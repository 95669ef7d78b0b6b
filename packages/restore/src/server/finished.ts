import type { Journal } from '../journal/journal';
import type { ResolvedRestore } from '../options/restore';
import type { PlanSource } from '../plan/plan';
import { policyNamesOf } from '../plan/types';
import { type Patience, ServerConnection } from './connection';
import { findPolicy, readSchema } from './policies/schema';
import { measurementWithPoints } from './refusals';

/**
 * Returns whether nothing is left to do: the journal has finished, and the server still holds points wherever it stored any. A journal
 * that has finished stands in the way of nothing else: with `wipe` or `intoExisting`, or once points are gone, it is started over.
 *
 * @throws RestoreError `SERVER_…`
 */
export async function isAlreadyDone(
  journal: Journal,
  source: PlanSource,
  settings: ResolvedRestore & Patience,
): Promise<boolean> {
  if (!journal.finished) return false;
  const { wipe, intoExisting } = settings;
  if (!wipe && !intoExisting && (await holdsWhatItFilled(journal, source, settings))) return true;
  await journal.startOver();
  return false;
}

async function holdsWhatItFilled(
  { done }: Journal,
  { partitions }: PlanSource,
  settings: ResolvedRestore & Patience,
): Promise<boolean> {
  const { map } = settings;
  const filled = new Set(
    done.partitions().map(({ database, retentionPolicy = '' }) => JSON.stringify([database, retentionPolicy])),
  );
  const server = await ServerConnection.connect(settings.to, settings);
  const databases = partitions.map(({ database }) => map.database(database));
  const schema = await readSchema(server, databases);
  let isFilled = false;
  for (const partition of partitions) {
    const { database, retentionPolicy = '', mixed } = partition;
    if (mixed === undefined && !filled.has(JSON.stringify([database, retentionPolicy]))) continue;
    const policies = policyNamesOf(partition).flatMap(
      (name) => findPolicy(schema, map.database(database), map.retentionPolicy(name)) ?? [],
    );
    let holds = false;
    for (const policy of policies) holds ||= (await measurementWithPoints(server, policy)) !== undefined;
    if (!holds) return false;
    isFilled = true;
  }
  return isFilled;
}
