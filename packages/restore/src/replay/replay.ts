import { decodeFile, type FileHeader, LineProtocolError } from '@ceres/lineproto';
import { readObject, StorageError } from '@ceres/storage';
import type { ResolvedSelection } from '../options/selection';
import type { OrderedFile } from '../plan/order';
import type { DoneQueue } from './account/done-queue';
import { FileInFlight } from './account/file-in-flight';
import type { RejectBudget, RejectsFolder } from './account/rejects';
import type { Destinations } from './destinations';
import { FileRoutes } from './file-routes';
import type { Progress } from './progress';
import { ReadAhead } from './read-ahead';
import type { Lanes } from './route/lanes';

/** The parts of the pipeline that a replay works with. */
export interface ReplaySettings {
  readonly selection: ResolvedSelection;
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
/** How many files are opened before their turn. */
const filesAhead = 2;
/** If more files than this wait for their last records, bodies are sent before they are full. */
const filesOpenMax = 64;

/** Replays files in the given order: get → gunzip → records → lanes. The lanes write in the background. */
export async function replay(files: AsyncIterable<OrderedFile>, settings: ReplaySettings): Promise<void> {
  const { lanes, queue, signal } = settings;
  for await (const { file, gz } of openAhead(files, settings)) {
    signal.throwIfAborted();
    await replayFile(file, gz, settings);
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

/** Starts to read the next files while the current one is written. */
async function* openAhead(files: AsyncIterable<OrderedFile>, { selection, signal, progress }: ReplaySettings) {
  const open: { file: OrderedFile; gz: ReadAhead }[] = [];
  try {
    for await (const file of files) {
      const gz = new ReadAhead(counted(readObject(selection.storage, file.key, { signal }), progress));
      open.push({ file, gz });
      if (open.length > filesAhead) yield open.shift() as (typeof open)[number];
    }
    for (let next = open.shift(); next !== undefined; next = open.shift()) yield next;
  } finally {
    for (const { gz } of open) await gz.close();
  }
}

async function* counted(gz: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const chunk of gz) {
    progress.read(chunk.byteLength);
    yield chunk;
  }
}

async function replayFile(ordered: OrderedFile, gz: ReadAhead, settings: ReplaySettings): Promise<void> {
  const { queue, rejects, budget, progress } = settings;
  const file = new FileInFlight(ordered, { rejects: rejects.file(ordered.key), budget, progress });
  queue.add(file);
  try {
    file.ended(await replayRecords(file, gz, settings));
  } catch (error) {
    const reason = whyUnreadable(error);
    if (reason === undefined) throw error;
    file.ended({ corrupt: reason });
  } finally {
    await gz.close();
  }
}

/** Passes the records of one file to the lanes, and returns what the report must say about the file. */
async function replayRecords(file: FileInFlight, gz: ReadAhead, settings: ReplaySettings) {
  const { lanes, signal } = settings;
  const decoded = decodeFile(gz, { batchBytesMax, batchLinesMax: Number.MAX_SAFE_INTEGER });
  const header = await decoded.header;
  const routes = new FileRoutes(header, settings);
  const [foreign] = routes.foreign;
  if (foreign !== undefined) return { corrupt: whyForeign({ ...header, retentionPolicy: foreign }) };

  for await (const { bytes, retentionPolicy } of decoded) {
    signal.throwIfAborted();
    const route = await routes.of(retentionPolicy);
    if (route === undefined) continue;
    route.buckets.add(file, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), route.filter);
    await lanes.send(route.buckets);
    await file.rejects.spill();
  }
  const integrity = await decoded.integrity;
  if (integrity.status === 'corrupt') return { corrupt: `${integrity.reason} (after ${integrity.lines} lines)` };
  return integrity.status === 'unsealed' ? { unsealed: true } : {};
}

/** Returns why a file cannot be read; `undefined` for an error that stops the whole restore. */
function whyUnreadable(error: unknown): string | undefined {
  if (error instanceof LineProtocolError) return error.message;
  if (error instanceof StorageError && error.code === 'NOT_FOUND') return 'it is gone since it was listed';
  return undefined;
}

function whyForeign({ database, retentionPolicy }: FileHeader): string {
  const names = `database '${database}' and policy '${retentionPolicy}'`;
  return `its header names ${names}, but no key in the plan does: store the file under the key that its header tells`;
}
