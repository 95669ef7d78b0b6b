import { healDifferences } from '../heal/heal-differences';
import type { HealReport } from '../heal/heal-report';
import { unfinished } from '../heal/objections';
import { waitUntilVouched } from '../heal/vouched';
import type { Journal } from '../journal/journal';
import type { ResolvedRestore } from '../options/restore';
import type { ResolvedSelection } from '../options/selection';
import type { PlanSource } from '../plan/plan';
import { survey } from '../plan/survey';
import { healAfter } from './heal-after';
import { lateDatabases } from './late-databases';

export interface LiveParts {
  /** The journal of the restore. */
  readonly journal: Journal;
  /** Replays, of some databases of the backup, all files from the first one on that is not done. */
  readonly replayed: (now: PlanSource, databases: ReadonlySet<string>) => Promise<unknown>;
}

/**
 * Ends a restore beside live writes. A file that was opened before the restore began and came later is replayed, and all newer ones of its
 * database after it; natively, it goes in with the rest. Then, once every sink has stored what it acked while the restore wrote, what differs
 * is healed: the restore wrote an older value over one that came at the same time, or lacked what came late.
 *
 * @throws RestoreError `HEAL_REFUSED` if it cannot be certain what is newest, `SERVER_…`, `SNAPSHOT_SERVICE`; StorageError
 */
export async function finishLive(
  selection: ResolvedSelection,
  settings: ResolvedRestore,
  { journal, replayed }: LiveParts,
): Promise<HealReport> {
  const options = healAfter(selection, settings);
  const now = async (): Promise<PlanSource> => ({ selection, ...(await survey(selection)) });
  const vouched = async (beforeMs: number) => {
    const doubt = await waitUntilVouched(beforeMs, { selection, options });
    if (doubt !== undefined) throw unfinished(doubt);
  };
  const beganMs = Date.parse(journal.header?.began ?? '');
  while (settings.native === undefined) {
    await vouched(beganMs);
    const source = await now();
    const late = await lateDatabases(source, { beganMs, journal, map: settings.map });
    if (late.size === 0) break;
    await replayed(source, late);
  }
  await vouched(settings.clock.now());
  return await healDifferences(await now(), options);
}
