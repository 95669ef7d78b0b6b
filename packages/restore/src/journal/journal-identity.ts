import { listObjects } from '@ceres/storage';
import { RestoreError } from '../errors';
import type { ResolvedRestore } from '../options/restore';
import type { PlanSource } from '../plan/plan';
import type { RestorePlan } from '../plan/types';
import type { Journal, JournalHeader, JournalIdentity } from './journal';

/** What must be the same for a journal to be resumed. */
export function identityOf(plan: RestorePlan, { targetUrl, map, precision }: ResolvedRestore): JournalIdentity {
  return {
    plan: plan.id,
    target: targetUrl,
    mapDatabase: map.databases,
    mapRetentionPolicy: map.retentionPolicies,
    precision,
  };
}

/** The first line of a journal that begins now. */
export function beginning(identity: JournalIdentity, { bound, newestKey }: PlanSource): JournalHeader {
  return { journal: 1, ...identity, bound, newestKey: newestKey ?? '' };
}

/**
 * Two storages may hold the same instance: the one that a journal is about has the newest file of its plan.
 *
 * @throws RestoreError `JOURNAL_MISMATCH`
 */
export async function refuseOtherStorage({ path, header }: Journal, { selection }: PlanSource): Promise<void> {
  if (header === undefined || header.newestKey === '') return;
  for await (const { key } of listObjects(selection.storage, header.newestKey, { signal: selection.signal })) {
    if (key === header.newestKey) return;
  }
  const message = `The journal ${path} is about a storage that holds ${header.newestKey}, and this one does not.`;
  throw new RestoreError('JOURNAL_MISMATCH', `${message} Give the storage it began with, or another journal.`);
}
