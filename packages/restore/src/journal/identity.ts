import { listObjects } from '@ceres/storage';
import { RestoreError } from '../errors';
import type { ResolvedRestore } from '../options/restore';
import type { PlanSource } from '../plan/plan';
import type { RestorePlan } from '../plan/types';
import type { Journal } from './journal';
import type { JournalHeader, JournalIdentity } from './journal-entry';

/** Returns what must be the same for a journal to be resumed. */
export function identityOf(plan: RestorePlan, { serverUrl, map, precision }: ResolvedRestore): JournalIdentity {
  return {
    plan: plan.id,
    target: serverUrl,
    mapDatabase: map.databases,
    mapRetentionPolicy: map.retentionPolicies,
    precision,
  };
}

/** Returns the first line of a new journal. */
export function beginning(identity: JournalIdentity, { bound, newestKey }: PlanSource, nowMs: number): JournalHeader {
  return { journal: 1, ...identity, bound, newestKey: newestKey ?? '', began: new Date(nowMs).toISOString() };
}

/**
 * Refuses a storage without the newest file of the journal's plan: another storage may hold the same instance. A journal that has finished is
 * started over instead.
 *
 * @throws RestoreError `JOURNAL_MISMATCH`
 */
export async function refuseOtherStorage(journal: Journal, { selection }: PlanSource): Promise<void> {
  const { path, header } = journal;
  if (header === undefined || header.newestKey === '') return;
  for await (const { key } of listObjects(selection.storage, header.newestKey, { signal: selection.signal })) {
    if (key === header.newestKey) return;
  }
  if (journal.finished) return await journal.startOver();
  const message = `The journal ${path} belongs to a storage that holds ${header.newestKey}, and this one does not.`;
  throw new RestoreError('JOURNAL_MISMATCH', `${message} Use the storage it began with, or another journal.`);
}
