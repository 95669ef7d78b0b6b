import { LineProtocolError } from '@ceres/lineproto';
import { RestoreError } from '../errors';
import type { ResolvedSelection } from '../options/selection';
import type { OrderedFile } from '../plan/order';
import type { FileFinding } from '../read/finding';
import type { Proof, ProvenFile } from '../read/prove-file';
import type { DoneQueue } from './account/done-queue';
import { FileInFlight } from './account/file-in-flight';
import type { RejectBudget, RejectsFolder } from './account/rejects';
import type { Destinations } from './destinations';
import { FileRoutes, foreignFinding } from './file-routes';
import type { Progress } from './progress';
import { closeProof, proveAhead } from './prove-ahead';
import type { Lanes } from './route/lanes';

/** The parts of the pipeline that a replay works with. */
export interface ReplaySettings {
  readonly selection: ResolvedSelection;
  /** Proves a file before its first line is sent. */
  readonly prove: (file: OrderedFile) => Promise<Proof>;
  readonly destinations: Destinations;
  readonly lanes: Lanes;
  readonly queue: DoneQueue;
  readonly progress: Progress;
  readonly rejects: RejectsFolder;
  readonly budget: RejectBudget;
  readonly signal: AbortSignal;
}

/** The size of the batches of records: small enough to stay in the processor's cache. */
const batchBytesMax = 256 * 1024;
/** If more files than this wait for their last records, bodies are sent before they are full. */
const filesOpenMax = 64;

/** Replays files in the given order: get → prove → gunzip → records → lanes. The lanes write in the background. */
export async function replay(files: AsyncIterable<OrderedFile>, settings: ReplaySettings): Promise<void> {
  const { lanes, queue, signal } = settings;
  for await (const { file, proof } of proveAhead(files, settings.prove)) {
    try {
      signal.throwIfAborted();
      await replayFile(file, proof, settings);
    } finally {
      await closeProof(proof);
    }
    await queue.commit();
    if (queue.size <= filesOpenMax) continue;
    await lanes.flush();
    await lanes.drain();
    await queue.commit();
  }
  await lanes.flush();
  await lanes.drain();
  await queue.commit();
}

/** Passes the records of a file to the lanes; of a damaged one, none. */
async function replayFile(ordered: OrderedFile, proof: Proof, settings: ReplaySettings): Promise<void> {
  const { queue, rejects, budget, progress } = settings;
  const summary = 'damage' in proof ? undefined : proof.header.summary;
  const file = new FileInFlight(ordered, { rejects: rejects.file(ordered.key), budget, progress }, summary);
  queue.add(file);
  const damage = 'damage' in proof ? proof.damage : await replayRecords(file, proof, settings);
  if (damage !== undefined) file.ended({ damage });
  else file.ended('notice' in proof ? { unsealed: true } : {});
}

/** Passes the records of a proven file to the lanes; returns why none was passed. */
async function replayRecords(
  file: FileInFlight,
  proven: ProvenFile,
  settings: ReplaySettings,
): Promise<FileFinding | undefined> {
  const { lanes, signal } = settings;
  const { header } = proven;
  const routes = new FileRoutes(header, {
    ...settings,
    open: async (to, filter) => ({ buckets: await lanes.bucketsFor(to), filter }),
  });
  const [unplanned] = routes.foreign;
  if (unplanned !== undefined) return foreignFinding(file.file.key, { ...header, retentionPolicy: unplanned });

  try {
    for await (const { bytes, retentionPolicy } of proven.batches(batchBytesMax)) {
      signal.throwIfAborted();
      const route = await routes.of(retentionPolicy);
      if (route === undefined) continue;
      route.buckets.add(file, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), route.filter);
      await lanes.send(route.buckets);
      await file.rejects.spill();
    }
    return undefined;
  } catch (error) {
    throw changedFile(file.file.key, error);
  }
}

/** Returns what the reading of a proven file throws, with what to do if the file is no longer what was proven. */
export function changedFile(key: string, error: unknown): unknown {
  if (!(error instanceof LineProtocolError) || error.code !== 'CHANGED') return error;
  const message = `${key} changed while it was restored: ${error.message}.`;
  const todo =
    'None of the lines that differ was sent. Check the disks of the backup and of the scratch folder (scratchDir, --scratch-dir), then run the same command again.';
  return new RestoreError('STORAGE', `${message} ${todo}`, { cause: error });
}
