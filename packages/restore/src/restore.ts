import { InfluxWriter } from '@ceres/influx-http';
import { asStorageFault, RestoreError } from './errors';
import type { DoneTotals } from './journal/done-files';
import { beginning, identityOf, refuseOtherStorage } from './journal/identity';
import { Journal } from './journal/journal';
import { JournalLock } from './journal/lock';
import { remainingFiles } from './journal/remaining-files';
import { loadAll } from './native/load-all';
import { NativeServer } from './native/native-server';
import { refuseContradictions } from './options/contradictions';
import { type ResolvedRestore, type RestoreOptions, resolveRestore } from './options/restore';
import { selectsPoints } from './options/selection';
import { inReplayOrder, type PlanSource, sourceOf } from './plan/plan';
import { pruneByHeader } from './plan/survey';
import type { RestorePlan } from './plan/types';
import { ServerWatch } from './progress/server-watch';
import { DoneQueue } from './replay/account/done-queue';
import { RejectBudget, RejectsFolder } from './replay/account/rejects';
import { Delivery } from './replay/deliver/delivery';
import { FirstWrites } from './replay/deliver/first-writes';
import { Pace } from './replay/deliver/pace';
import { Poster } from './replay/deliver/poster';
import { Destinations } from './replay/destinations';
import { Progress } from './replay/progress';
import { replay } from './replay/replay';
import type { Body } from './replay/route/body';
import { Lanes } from './replay/route/lanes';
import { Stop } from './replay/stop';
import { RestoreProofs } from './salvage/prove-for-replay';
import { isAlreadyDone } from './server/finished';
import type { LeftOut } from './server/left-out/left-out';
import { type PreparedServer, prepareServer } from './server/prepare';

/** What became of a plan, over all runs with its journal. */
export interface RestoreReport extends DoneTotals {
  /** Set if the journal had finished before and the server holds what it filled, so that nothing was done. `intoExisting` restores again. */
  readonly alreadyFinished?: true;
  /** What the server cannot have, and so was not restored. Once the options change that, the same call restores it. */
  readonly leftOut: readonly LeftOut[];
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
 * what comes after it.
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
    if (!alreadyFinished) {
      const isResume = journal.header !== undefined;
      const rejects = await RejectsFolder.open(settings.rejectsDir, { isResume });
      const prepared = await prepareServer(source, watched, journal, beginning(identity, source, startedMs));
      ({ leftOut } = prepared);
      progress = new Progress(totalOf(prepared.source), settings.clock, settings.onProgress);
      await replayAll({ ...prepared, settings: watched, journal, isResume, rejects, progress });
      refuseNothing(source, { ...journal.done.totals(), leftOut });
      if (journal.done.totals().damagedFiles.length === 0 && leftOut.length === 0) await journal.finish();
      progress.end();
    }
    const elapsedMs = settings.clock.now() - startedMs;
    return { ...journal.done.totals(), ...(alreadyFinished && { alreadyFinished }), leftOut, elapsedMs };
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

interface Replay extends PreparedServer {
  readonly settings: ResolvedRestore & { readonly watch: ServerWatch };
  /** A journal that has its first line. */
  readonly journal: Journal;
  readonly isResume: boolean;
  readonly rejects: RejectsFolder;
  readonly progress: Progress;
}

/** Puts the pipeline together: everything between the plan and the server. */
async function replayAll({
  server,
  source,
  schema,
  leftOut,
  settings,
  journal,
  isResume,
  rejects,
  progress,
}: Replay): Promise<void> {
  const { lanes: inFlightMax, rateLinesPerSecond, patienceMs, serverUrl: url, clock, map, watch } = settings;
  const stop = new Stop(settings.signal);
  const writer = new InfluxWriter(settings.to);
  const pace = new Pace({ inFlightMax, rateLinesPerSecond }, clock, stop.signal);
  const poster = new Poster({ writer, pace, stop, watch, url, patienceMs, clock, random: Math.random });
  const delivery = new Delivery(poster, url);
  const firstWrites = new FirstWrites({
    clock,
    post: (bytes, records, to) => poster.post(bytes, records, to),
    deliver: (body) => delivery.deliver(body),
  });
  const queue = new DoneQueue(journal, () => progress.fileDone());
  const lanes = new Lanes(inFlightMax, async (body: Body) => {
    await firstWrites.deliver(body);
    await queue.commit();
  });
  const selection = { ...source.selection, signal: stop.signal };
  const planned = { ...source, selection, bound: journal.header?.bound ?? source.bound };
  const listed = inReplayOrder(planned, (database) => map.database(database));
  // The same pruning as in the plan: a file that the plan did not count is not read.
  const files = pruneByHeader(listed, selection);
  const { storage, signal } = selection;
  const { native } = settings;
  const onBytes = (bytes: number) => progress.read(bytes);
  try {
    const proofs = await RestoreProofs.open({ storage, signal, onBytes }, settings);
    // The previous run may have been killed while the server was still applying its last writes.
    if (isResume) await poster.settle();
    if (native !== undefined) {
      const parts = { files, selection, proofs, settings, native, schema, leftOut, journal, rejects, progress, poster };
      const opened = await NativeServer.open(server, { ...settings, url: native.url, signal: stop.signal });
      await loadAll({ ...parts, server: opened, signal: stop.signal });
      return;
    }
    const remaining = remainingFiles(files, journal, {
      onDoneBefore: (file) => progress.doneBefore(file),
      isStillDamaged: (file) => proofs.isDamaged(file),
    });
    await replay(remaining, {
      selection,
      prove: (file) => proofs.prove(file),
      destinations: new Destinations(schema, { ...settings, leftOut }),
      budget: new RejectBudget(settings.rejectsMax, journal.done.totals().rejected),
      lanes,
      queue,
      rejects,
      progress,
      signal: stop.signal,
    });
  } catch (error) {
    stop.fail(error);
    await lanes.settle();
    await queue.abandon();
    throw error;
  } finally {
    stop.end();
    await writer.close();
  }
}
