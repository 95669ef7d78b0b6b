import { InfluxWriter } from '@ceres/influx-http';
import type { Journal } from './journal/journal';
import { remainingFiles } from './journal/remaining-files';
import { loadAll } from './native/load-all';
import { NativeServer } from './native/native-server';
import { liveSizes } from './native/scratch-space';
import type { ResolvedRestore } from './options/restore';
import { inReplayOrder } from './plan/plan';
import { pruneByHeader } from './plan/survey';
import type { ServerWatch } from './progress/server-watch';
import { DoneQueue } from './replay/account/done-queue';
import { RejectBudget, type RejectsFolder } from './replay/account/rejects';
import { Delivery } from './replay/deliver/delivery';
import { FirstWrites } from './replay/deliver/first-writes';
import { Pace } from './replay/deliver/pace';
import { Poster } from './replay/deliver/poster';
import { Destinations } from './replay/destinations';
import type { Progress } from './replay/progress';
import { replay } from './replay/replay';
import type { Body } from './replay/route/body';
import { Lanes } from './replay/route/lanes';
import { Stop } from './replay/stop';
import { RestoreProofs } from './salvage/prove-for-replay';
import type { PreparedServer } from './server/prepare';

export interface Replay extends Omit<PreparedServer, 'restored'> {
  readonly settings: ResolvedRestore & { readonly watch: ServerWatch };
  /** A journal that has its first line. */
  readonly journal: Journal;
  /** Writes of an earlier replay may still be under way. */
  readonly isResume: boolean;
  readonly rejects: RejectsFolder;
  readonly progress: Progress;
}

/** Puts the pipeline together: everything between the plan and the server. */
export async function replayAll({
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
  const planned = { ...source, selection };
  const listed = inReplayOrder(planned, (database) => map.database(database));
  // The same pruning as in the plan: a file that the plan did not count is not read.
  const files = pruneByHeader(listed, selection);
  const { storage, signal } = selection;
  const { native } = settings;
  const onBytes = (bytes: number) => progress.read(bytes);
  try {
    const proofs = await RestoreProofs.open({ storage, signal, seeds: selection.seeds, onBytes }, settings);
    // The previous run may have been killed while the server was still applying its last writes.
    if (isResume) await poster.settle();
    if (native !== undefined) {
      const parts = { files, selection, proofs, settings, native, schema, leftOut, journal, rejects, progress, poster };
      const opened = await NativeServer.open(server, { ...settings, url: native.url, signal: stop.signal });
      const sizes = await liveSizes({ ...settings, native, signal: stop.signal });
      await loadAll({ ...parts, server: opened, liveSizes: sizes, signal: stop.signal });
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
