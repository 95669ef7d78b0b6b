import { InfluxWriter } from '@ceres/influx-http';
import { asStorageFault } from './errors';
import { Journal } from './journal/journal';
import { beginning, identityOf, refuseOtherStorage } from './journal/journal-identity';
import { JournalLock } from './journal/journal-lock';
import { undone } from './journal/remaining-files';
import { refuseImpossible } from './options/contradictions';
import { type ResolvedRestore, type RestoreOptions, resolveRestore } from './options/restore';
import { inReplayOrder, type PlanSource, sourceOf } from './plan/plan';
import { pruneByHeader } from './plan/survey';
import type { RestorePlan } from './plan/types';
import { Ledger } from './replay/account/done-queue';
import { RejectBudget, RejectsFolder } from './replay/account/rejects';
import { Delivery } from './replay/deliver/delivery';
import { Pace } from './replay/deliver/pace';
import { Poster } from './replay/deliver/poster';
import { Destinations } from './replay/destinations';
import { Progress } from './replay/progress';
import { replay } from './replay/replay';
import type { RestoreReport } from './replay/report';
import type { Body } from './replay/route/body';
import { Lanes } from './replay/route/lanes';
import { Stop } from './replay/stop';
import { prepareTarget } from './server/prepare';
import type { TargetSchema } from './server/schema';

/**
 * Replays a plan into a server: list → get → gunzip → records → lanes → write.
 *
 * Killed anywhere and called again with the same plan and journal, it ends with the same content. Corrupt files do not
 * stop it: the report names them. A journal that has finished is not begun again: the report says `alreadyFinished`.
 *
 * @throws RestoreError any code but `CORRUPT_FILE`; the signal's reason
 */
export async function restore(plan: RestorePlan, options: RestoreOptions): Promise<RestoreReport> {
  const resolved = resolveRestore(options);
  const source = sourceOf(plan);
  refuseImpossible(source, resolved);
  const lost = new AbortController();
  const lock = await JournalLock.take(resolved.journal, (error) => lost.abort(error));
  try {
    const signal = AbortSignal.any([lost.signal, ...(resolved.signal ? [resolved.signal] : [])]);
    return await restoreAlone(plan, source, { ...resolved, signal });
  } finally {
    await lock.release();
  }
}

/** Nobody else goes on with the journal meanwhile. */
async function restoreAlone(plan: RestorePlan, source: PlanSource, settings: ResolvedRestore): Promise<RestoreReport> {
  const startedMs = settings.clock.now();
  const identity = identityOf(plan, settings);
  const journal = await Journal.open(settings.journal, identity);
  try {
    await refuseOtherStorage(journal, source);
    const alreadyFinished = journal.finished;
    if (!alreadyFinished) {
      const isResume = journal.header !== undefined;
      const rejects = await RejectsFolder.open(settings.rejects, { isResume });
      const schema = await prepareTarget(source, settings, journal, beginning(identity, source));
      const progress = new Progress(plan, settings.clock, settings.onProgress);
      await replayAll({ source, settings, journal, isResume, rejects, schema, progress });
      await journal.finish();
      progress.end();
    }
    const elapsedMs = settings.clock.now() - startedMs;
    return { ...journal.done.totals(), ...(alreadyFinished && { alreadyFinished }), elapsedMs };
  } catch (error) {
    const again = 'Run the same command again: what is journaled is not repeated.';
    throw asStorageFault(error, `Reading the backup of ${source.selection.instance}`, again);
  } finally {
    await journal.close();
  }
}

interface Replay {
  readonly source: PlanSource;
  readonly settings: ResolvedRestore;
  /** Begun. */
  readonly journal: Journal;
  readonly isResume: boolean;
  readonly rejects: RejectsFolder;
  readonly schema: TargetSchema;
  readonly progress: Progress;
}

/** The pipeline: everything between the plan and the target, put together. */
async function replayAll({ source, settings, journal, isResume, rejects, schema, progress }: Replay): Promise<void> {
  const { lanes: inFlightMax, linesPerSecondMax, patienceMs, targetUrl: url, clock, map } = settings;
  const stop = new Stop(settings.signal);
  const writer = new InfluxWriter(settings.target);
  const pace = new Pace({ inFlightMax, linesPerSecondMax }, clock, stop.signal);
  const poster = new Poster({ writer, pace, stop, url, patienceMs, clock, random: Math.random });
  const delivery = new Delivery(poster, url);
  const ledger = new Ledger(journal, () => progress.fileDone());
  const lanes = new Lanes(inFlightMax, async (body: Body) => {
    await delivery.deliver(body);
    await ledger.commit();
  });
  const selection = { ...source.selection, signal: stop.signal };
  const planned = { ...source, selection, bound: journal.header?.bound ?? source.bound };
  const listed = inReplayOrder(planned, (database) => map.database(database));
  // As the plan did: what it did not count is not fetched.
  const files = pruneByHeader(listed, selection);
  try {
    // The run before may have been killed while the target was applying its last writes.
    if (isResume) await poster.settle();
    await replay(undone(files, journal, progress), {
      selection,
      destinations: new Destinations(schema, settings),
      budget: new RejectBudget(settings.rejectsMax, journal.done.totals().rejected),
      ...{ lanes, ledger, rejects, progress, signal: stop.signal },
    });
  } catch (error) {
    stop.fail(error);
    await lanes.rest();
    await ledger.abandon();
    throw error;
  } finally {
    stop.end();
    await writer.close();
  }
}
