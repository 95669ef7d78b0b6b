import { asStorageFault, RestoreError } from './errors';
import type { HealReport } from './heal/heal-report';
import type { DoneTotals } from './journal/done-files';
import { beginning, identityOf, refuseOtherStorage } from './journal/identity';
import { Journal } from './journal/journal';
import { JournalLock } from './journal/lock';
import { finishLive } from './live/finish-live';
import { refuseBlindHeal } from './live/heal-after';
import { refuseContradictions } from './options/contradictions';
import { type ResolvedRestore, type RestoreOptions, resolveRestore } from './options/restore';
import { selectsPoints } from './options/selection';
import { type PlanSource, sourceOf } from './plan/plan';
import type { RestorePlan } from './plan/types';
import { ServerWatch } from './progress/server-watch';
import { RejectsFolder } from './replay/account/rejects';
import { Progress } from './replay/progress';
import { replayAll } from './replay-all';
import { isAlreadyDone } from './server/finished';
import type { LeftOut } from './server/left-out/left-out';
import { prepareServer } from './server/prepare';
import { createQueries, type SchemaReport } from './server/schema-file/create-queries';
import { restoreSchema } from './server/schema-file/restore-schema';
import { packageThreads } from './threads/thread-pool';

/** What became of a plan, over all runs with its journal. */
export interface RestoreReport extends DoneTotals {
  /** Set if the journal had finished before and the server holds what it filled, so that nothing was done. `intoExisting` restores again. */
  readonly alreadyFinished?: true;
  /** What the server cannot have, and so was not restored. Once the options change that, the same call restores it. */
  readonly leftOut: readonly LeftOut[];
  /** What became of the backup's schema; absent without `withSchema`. */
  readonly schema?: SchemaReport;
  /** What the comparison at the end of a `live` restore has found, and written back. Absent without it. */
  readonly live?: HealReport;
  /** How long this run took. */
  readonly elapsedMs: number;
}

/**
 * Replays a plan into a server: list → get → prove → gunzip → records → lanes → write.
 *
 * If it is killed anywhere and called again with the same plan and journal, the server ends with the same content. A file is
 * proven before its first line is sent. A damaged one does not stop the restore: it is set aside as a whole, and the report names it. A
 * journal that has finished is started over with `wipe` or `intoExisting`, or if the server has lost what it filled; otherwise the report
 * says `alreadyFinished`. It has not finished while files are set aside: the same call tries them again, and replays behind such a file
 * what comes after it in its database.
 *
 * With `live` it restores while ingestion goes on, and ends with a comparison that writes back what it replaced.
 *
 * @example
 * ```ts
 * import { planRestore, restore } from '@ceres/restore';
 * import { LocalStorage } from '@ceres/storage';
 *
 * const plan = await planRestore({ storage: new LocalStorage('/var/backups/influx'), instance: 'influxdb-0' });
 * const report = await restore(plan, {
 *   to: { url: 'http://127.0.0.1:8086' },
 *   journalFile: 'restore.journal',
 *   rejectsDir: 'rejects',
 * });
 * console.log(report.lines, report.rejected);
 * ```
 * @throws RestoreError with any code; the signal's reason
 */
export async function restore(plan: RestorePlan, options: RestoreOptions): Promise<RestoreReport> {
  const resolved = resolveRestore(options);
  const source = sourceOf(plan);
  refuseContradictions(source, resolved);
  const lost = new AbortController();
  const lock = await JournalLock.take(resolved.journalFile, (error) => lost.abort(error));
  try {
    const signal = AbortSignal.any([lost.signal, ...(resolved.signal ? [resolved.signal] : [])]);
    return await restoreLocked(plan, source, { ...resolved, signal });
  } finally {
    await lock.release();
  }
}

/** Restores while this process holds the lock of the journal. */
async function restoreLocked(plan: RestorePlan, source: PlanSource, settings: ResolvedRestore): Promise<RestoreReport> {
  const startedMs = settings.clock.now();
  const identity = identityOf(plan, settings);
  const journal = await Journal.open(settings.journalFile, identity);
  try {
    await refuseOtherStorage(journal, source);
    let progress: Progress | undefined;
    const watch = new ServerWatch(settings.clock, settings.patienceMs, (event) => {
      progress?.server(event);
      settings.onServer?.(event);
    });
    const watched = { ...settings, watch };
    const alreadyFinished = await isAlreadyDone(journal, source, watched);
    let leftOut: readonly LeftOut[] = [];
    let schema: SchemaReport | undefined;
    let live: HealReport | undefined;
    if (!alreadyFinished) {
      // They come up while the server is looked at.
      if (settings.native) packageThreads()?.prepare(settings.native.threads - 1);
      const isResume = journal.header !== undefined;
      const rejects = await RejectsFolder.open(settings.rejectsDir, { isResume });
      if (settings.live) await refuseBlindHeal(source.selection, settings);
      const header = beginning(identity, source, startedMs);
      const replayed = async (now: PlanSource, databases?: ReadonlySet<string>) => {
        const ready = await prepareServer(now, watched, journal, header);
        const partitions = ready.source.partitions.filter(({ database }) => databases?.has(database) !== false);
        const chosen = {
          ...ready.source,
          partitions,
          bound: databases ? now.bound : (journal.header?.bound ?? now.bound),
        };
        progress = new Progress(totalOf(chosen), settings.clock, settings.onProgress);
        const isAgain = isResume || databases !== undefined;
        await replayAll({ ...ready, source: chosen, settings: watched, journal, isResume: isAgain, rejects, progress });
        progress.end();
        ({ leftOut } = ready);
        return ready;
      };
      const prepared = await replayed(source);
      if (settings.live) live = await finishLive(source.selection, settings, { journal, replayed });
      if (prepared.restored !== undefined) schema = await createQueries(prepared.server, prepared.restored);
      refuseNothing(source, { ...journal.done.totals(), leftOut });
      const isWhole = journal.done.totals().damagedFiles.length === 0 && source.unfinishedSeeds.length === 0;
      if (isWhole && leftOut.length === 0) await journal.finish();
    }
    if (alreadyFinished && settings.withSchema) schema = await restoreSchema(source, watched);
    const elapsedMs = settings.clock.now() - startedMs;
    return {
      ...journal.done.totals(),
      ...(schema && { schema }),
      ...(live && { live }),
      ...(alreadyFinished && { alreadyFinished }),
      leftOut,
      elapsedMs,
    };
  } catch (error) {
    const again = 'Run the same command again: what is in the journal is not repeated.';
    throw asStorageFault(error, `Reading the backup of ${source.selection.instance}`, again);
  } finally {
    await journal.close();
  }
}

/** Refuses filters of points that no record has passed: nothing was restored, and that is seldom what was meant. */
function refuseNothing({ selection }: PlanSource, done: DoneTotals & Pick<RestoreReport, 'leftOut'>): void {
  const { lines, rejected, expired, damagedFiles, leftOut } = done;
  if (lines + rejected + expired + damagedFiles.length + leftOut.length > 0 || !selectsPoints(selection)) return;
  const what = `The selected files of '${selection.instance}' hold no point that is selected, so nothing was restored`;
  throw new RestoreError('NO_FILES', `${what}. Choose other times (from, until), or other measurements.`);
}

function totalOf({ partitions }: PlanSource): { files: number; bytes: number } {
  const sum = (of: 'files' | 'bytes') => partitions.reduce((total, partition) => total + partition[of], 0);
  return { files: sum('files'), bytes: sum('bytes') };
}
