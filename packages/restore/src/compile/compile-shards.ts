import type { OrderedFile } from '../plan/order';
import type { FileFinding } from '../read/finding';
import type { Proof, ProvenFile } from '../read/prove-file';
import { FileInFlight } from '../replay/account/file-in-flight';
import { FileRoutes, foreignFinding } from '../replay/file-routes';
import { closeProof, proveAhead } from '../replay/prove-ahead';
import { changedFile } from '../replay/replay';
import type { CompiledShard } from './compiled-shard';
import type { BatchOutcome } from './records/batch-outcome';
import type { CompileSettings } from './settings';
import { compiledShard } from './shards/run';
import type { UnitHost } from './threads/unit-host';

/** The size of the batches of records: small enough to stay in the processor's cache. */
const batchBytesMax = 256 * 1024;

/**
 * Compiles the files of a plan into shards, database by database: what a replay of the files in this order, by one lane, leaves on a
 * server without limits. Each shard is yielded once all files of its database are read; release it when it is loaded.
 *
 * @param files in replay order
 * @throws RestoreError `STORAGE`, `SCRATCH_FULL`, `TOO_MANY_REJECTS` or `REJECTS_UNWRITABLE`; the signal's reason
 */
export async function* compileShards(
  files: AsyncIterable<OrderedFile>,
  settings: CompileSettings,
): AsyncGenerator<CompiledShard> {
  const { crew, destinations, choice = {}, signal } = settings;
  let unit: { readonly database: string; readonly host: UnitHost } | undefined;
  try {
    for await (const { file, proof } of proveAhead(files, settings.prove)) {
      try {
        signal.throwIfAborted();
        const database = destinations.databaseOf(file.database);
        if (unit !== undefined && unit.database !== database) {
          yield* shardsOf(unit.host);
          unit.host.begin(choice);
          unit = { ...unit, database };
        }
        if (unit === undefined) {
          unit = { database, host: await crew.take() };
          unit.host.begin(choice);
        }
        await compileFile(file, proof, unit.host, settings);
      } finally {
        await closeProof(proof);
      }
    }
    settings.onRead?.();
    if (unit !== undefined) yield* shardsOf(unit.host);
  } finally {
    if (unit !== undefined) crew.giveBack(unit.host);
  }
}

async function* shardsOf(host: UnitHost): AsyncGenerator<CompiledShard> {
  for await (const shard of host.shards()) yield compiledShard(shard);
}

/** Turns the records of a file into rows; of a damaged one, none. */
async function compileFile(
  ordered: OrderedFile,
  proof: Proof,
  host: UnitHost,
  settings: CompileSettings,
): Promise<void> {
  const { rejects, budget, progress, onFile } = settings;
  const file = new FileInFlight(ordered, { rejects: rejects.file(ordered.key), budget, progress });
  const damage = 'damage' in proof ? proof.damage : await compileRecords(file, proof, host, settings);
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
  host: UnitHost,
  settings: CompileSettings,
): Promise<FileFinding | undefined> {
  const { header } = proven;
  const routes = new FileRoutes(header, {
    ...settings,
    open: async (to, filter) => {
      host.open({ to, filter: filter.settings });
      return host;
    },
  });
  const [unplanned] = routes.foreign;
  if (unplanned !== undefined) return foreignFinding(file.file.key, { ...header, retentionPolicy: unplanned });
  const onOutcome = (outcome: BatchOutcome) => count(file, outcome);
  try {
    for await (const { bytes, retentionPolicy } of proven.batches(batchBytesMax)) {
      settings.signal.throwIfAborted();
      const route = await routes.of(retentionPolicy);
      await route?.add(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), onOutcome);
      await file.rejects.spill();
    }
    await host.settled();
    return undefined;
  } catch (error) {
    throw changedFile(file.file.key, error);
  }
}

function count(file: FileInFlight, { stored, expired, longStrings, rejected, typeConflicts }: BatchOutcome): void {
  file.routed(stored);
  file.stored(stored);
  file.longStrings(longStrings);
  for (let i = 0; i < expired; i += 1) file.expireUnsent();
  for (const conflict of typeConflicts) file.typeConflict(conflict);
  for (const { code, record } of rejected) file.rejectUnsent(code, record);
}
