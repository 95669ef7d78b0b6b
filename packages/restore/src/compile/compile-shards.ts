import type { OrderedFile } from '../plan/order';
import type { FileFinding } from '../read/finding';
import type { Proof, ProvenFile } from '../read/prove-file';
import { FileInFlight } from '../replay/account/file-in-flight';
import { FileRoutes, foreignFinding } from '../replay/file-routes';
import { closeProof, proveAhead } from '../replay/prove-ahead';
import { changedFile } from '../replay/replay';
import type { CompiledShard } from './compiled-shard';
import { RecordReader } from './records/record-reader';
import type { CompileSettings } from './settings';
import { ScratchFolder } from './shards/scratch-folder';
import { Unit } from './shards/unit';

/** The size of the batches of records: small enough to stay in the processor's cache. */
const batchBytesMax = 256 * 1024;
/** Rows may take this part of the memory that was allowed: to write them out takes as much again where a shard has strings. */
const rowsPart = 0.4;

/**
 * Compiles the files of a plan into shards, database by database: what a replay of the files in this order, by one lane, leaves on a
 * server without limits. Each shard is yielded once all files of its database are read; release it when it is loaded. The scratch folder
 * is removed at the end.
 *
 * @param files in replay order
 * @throws RestoreError `STORAGE`, `SCRATCH_FULL`, `TOO_MANY_REJECTS` or `REJECTS_UNWRITABLE`; the signal's reason
 */
export async function* compileShards(
  files: AsyncIterable<OrderedFile>,
  settings: CompileSettings,
): AsyncGenerator<CompiledShard> {
  const { isWanted = () => true, knownTypes = () => [], signal } = settings;
  const scratch = await ScratchFolder.create(settings.scratchDir);
  const memoryBytesMax = rowsPart * settings.memoryBytesMax;
  try {
    let unit: Unit | undefined;
    for await (const { file, proof } of proveAhead(files, settings.prove)) {
      try {
        signal.throwIfAborted();
        const database = settings.destinations.databaseOf(file.database);
        if (unit?.database !== database) {
          if (unit !== undefined) yield* unit.finish();
          unit = new Unit(database, { scratch, memoryBytesMax, isWanted, knownTypes, signal });
        }
        await compileFile(file, proof, unit, settings);
      } finally {
        await closeProof(proof);
      }
    }
    if (unit !== undefined) yield* unit.finish();
  } finally {
    await scratch.remove();
  }
}

/** Turns the records of a file into rows; of a damaged one, none. */
async function compileFile(ordered: OrderedFile, proof: Proof, unit: Unit, settings: CompileSettings): Promise<void> {
  const { rejects, budget, progress, onFile } = settings;
  const file = new FileInFlight(ordered, { rejects: rejects.file(ordered.key), budget, progress });
  const damage = 'damage' in proof ? proof.damage : await compileRecords(file, proof, unit, settings);
  if (damage !== undefined) file.ended({ damage });
  else file.ended('notice' in proof ? { unsealed: true } : {});
  await file.rejects.publish();
  progress.fileDone();
  await onFile?.(file);
}

/** Turns the records of a proven file into rows; returns why it did not. */
async function compileRecords(
  file: FileInFlight,
  proven: ProvenFile,
  unit: Unit,
  settings: CompileSettings,
): Promise<FileFinding | undefined> {
  const { header } = proven;
  const routes = new FileRoutes(header, {
    ...settings,
    open: async (to, filter) => {
      return new RecordReader({ unit: unit.rows, policy: unit.policy(to), file, filter, precision: to.precision });
    },
  });
  const [unplanned] = routes.foreign;
  if (unplanned !== undefined) return foreignFinding(file.file.key, { ...header, retentionPolicy: unplanned });
  try {
    for await (const { bytes, retentionPolicy } of proven.batches(batchBytesMax)) {
      settings.signal.throwIfAborted();
      const reader = await routes.of(retentionPolicy);
      if (reader === undefined) continue;
      const records = reader.add(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      file.routed(records);
      file.stored(records);
      await file.rejects.spill();
      await unit.spill();
    }
    return undefined;
  } catch (error) {
    throw changedFile(file.file.key, error);
  }
}
