import assert from 'node:assert/strict';
import type { PortableWriter } from '@ceres/tsm';
import { asStorageFault } from '../../errors';
import { DoneFiles, type DoneTotals } from '../../journal/done-files';
import { type CompileOptions, type ResolvedCompile, resolveCompile } from '../../options/compile';
import { refuseContradictions } from '../../options/contradictions';
import type { ResolvedSelection } from '../../options/selection';
import type { OrderedFile } from '../../plan/order';
import { inReplayOrder, type PlanSource, sourceOf } from '../../plan/plan';
import { pruneByHeader } from '../../plan/survey';
import type { RestorePlan } from '../../plan/types';
import type { Proof } from '../../read/prove-file';
import { RejectBudget, RejectsFolder } from '../../replay/account/rejects';
import { Destinations } from '../../replay/destinations';
import { Progress } from '../../replay/progress';
import { RestoreProofs } from '../../salvage/prove-for-replay';
import type { LeftOut } from '../../server/left-out/left-out';
import { compileShards } from '../compile-shards';
import { ScratchFolder } from '../shards/scratch-folder';
import { Crew } from '../threads/crew';
import { type CompiledSchema, compiledSchema } from './compiled-schema';
import { fingerprintOf, metaOf, PartNumbers, SerialNumbers, type ShardNumbers } from './numbered-shards';
import { OutFolder } from './out-folder';
import { PossibleShards } from './possible-shards';
import { type CompileSpace, refuseLackOfSpace, spaceFor } from './space';

/** What became of a plan, or of one part of it. */
export interface CompileReport extends DoneTotals {
  /** The shards in the folder. */
  readonly shards: number;
  /** The values of all fields in them. */
  readonly values: number;
  /** The size of the metadata. A server reads it in one piece, which can fail beyond about 100 KB. */
  readonly metadataBytes: number;
  /** Equal for all parts that may be copied into one folder. */
  readonly metadata: string;
  /** What InfluxDB cannot have, and so was not compiled. */
  readonly leftOut: readonly LeftOut[];
  readonly elapsedMs: number;
}

/** What compiling would do. */
export interface CompilePreview extends CompileSpace {
  /** The databases and policies that the folder makes, as statements that would create them. */
  readonly creates: readonly string[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Says what compiling a plan would make, and the space that it needs. Writes nothing.
 *
 * @throws RestoreError `NO_FILES` or `INVALID_OPTIONS`, as `compile` would
 */
export function previewCompile(plan: RestorePlan, options: CompileOptions): CompilePreview {
  const settings = resolveCompile(options);
  const { creates, leftOut, source } = prepare(plan, settings);
  return { creates, leftOut, ...spaceFor(source, settings.map, settings.shard.of) };
}

/**
 * Compiles a plan into a folder that InfluxDB's own `influxd restore -portable` loads: what a restore by one lane leaves on a server without
 * these databases, without a server. A damaged file is set aside as a whole, and the report names it.
 *
 * @example
 * ```ts
 * import { compile, planRestore } from '@ceres/restore';
 * import { LocalStorage } from '@ceres/storage';
 *
 * const plan = await planRestore({ storage: new LocalStorage('/var/backups/influx'), instance: 'influxdb-0' });
 * const { lines, shards } = await compile(plan, { out: 'compiled', rejectsDir: 'rejects' });
 * console.log(lines, shards); // then: influxd restore -portable compiled
 * ```
 * @throws RestoreError `NO_FILES`, `INVALID_OPTIONS`, `OUT_REFUSED`, `SCRATCH_FULL`, `TOO_MANY_REJECTS`, `REJECTS_UNWRITABLE`,
 *   `SALVAGE_UNWRITABLE` or `STORAGE`; the signal's reason
 */
export async function compile(plan: RestorePlan, options: CompileOptions): Promise<CompileReport> {
  const settings = resolveCompile(options);
  const prepared = prepare(plan, settings);
  const { instance } = prepared.source.selection;
  try {
    return await compileInto(await OutFolder.open(settings.out), prepared, settings);
  } catch (error) {
    throw asStorageFault(error, `Reading the backup of ${instance}`, 'Run the same command again.');
  }
}

function prepare(plan: RestorePlan, settings: ResolvedCompile): CompiledSchema {
  const source = sourceOf(plan);
  refuseContradictions(source, { wipe: false, live: false, map: settings.map });
  return compiledSchema(source, settings);
}

/** The parts that the compiling of one plan works with. */
interface Workshop {
  readonly prepared: CompiledSchema;
  readonly settings: ResolvedCompile;
  readonly selection: ResolvedSelection;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly prove: (file: OrderedFile) => Promise<Proof>;
  readonly lines: SharedArrayBuffer;
  readonly destinations: Destinations;
}

async function compileInto(
  out: OutFolder,
  prepared: CompiledSchema,
  settings: ResolvedCompile,
): Promise<CompileReport> {
  const { source } = prepared;
  const { map, shard: part } = settings;
  await refuseLackOfSpace(spaceFor(source, map, part.of), settings.scratchDir, settings.out);
  const writer = out.writer(stampOf(source.bound) + 1000 * part.index, part.of > 1);
  try {
    return await compileWith(writer, out, prepared, settings);
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

async function compileWith(
  writer: PortableWriter,
  out: OutFolder,
  prepared: CompiledSchema,
  settings: ResolvedCompile,
): Promise<CompileReport> {
  const { schema, planned, leftOut } = prepared;
  const { shard: part, clock } = settings;
  const startedMs = clock.now();
  const workshop = await openWorkshop(prepared, settings, startedMs);
  const { numbers, files } = part.of === 1 ? wholePlan(workshop) : await partOfPlan(workshop);
  const done = new DoneFiles();
  let [shards, values] = [0, 0];
  const scratch = await ScratchFolder.create(settings.scratchDir);
  const crew = new Crew({ ...settings, scratch, signal: workshop.signal, lines: workshop.lines });
  try {
    const compiling = compileShards(files, {
      ...workshop,
      crew,
      rejects: await RejectsFolder.open(settings.rejectsDir, { isResume: false }),
      budget: new RejectBudget(settings.rejectsMax, 0),
      choice: numbers.choice,
      onFile: async (file) => done.of('').add(file.done()),
    });
    for await (const shard of compiling) {
      const numbered = numbers.at(shard);
      assert(numbered !== undefined, 'a shard that is compiled here has a number');
      await out.add(writer, shard, numbered.id);
      await shard.release();
      shards += 1;
      values += shard.values;
    }
  } finally {
    await crew.close();
    await scratch.remove();
  }
  const meta = metaOf(schema, planned, numbers.all());
  const metadataBytes = await out.finish(writer, meta);
  workshop.progress.end();
  const elapsedMs = clock.now() - startedMs;
  return { ...done.totals(), shards, values, metadataBytes, metadata: fingerprintOf(meta), leftOut, elapsedMs };
}

async function openWorkshop(prepared: CompiledSchema, settings: ResolvedCompile, nowMs: number): Promise<Workshop> {
  const { source, schema, leftOut } = prepared;
  const { clock, onProgress } = settings;
  const signal = AbortSignal.any([source.selection.signal, settings.signal].filter((one) => one !== undefined));
  const selection = { ...source.selection, signal };
  const total = (of: 'files' | 'bytes') => source.partitions.reduce((sum, partition) => sum + partition[of], 0);
  const progress = new Progress({ files: total('files'), bytes: total('bytes') }, clock, onProgress);
  const onBytes = (bytes: number) => progress.read(bytes);
  const proofs = await RestoreProofs.open(
    { storage: selection.storage, signal, seeds: selection.seeds, onBytes },
    settings,
  );
  // What has expired is judged by one moment, however long compiling takes.
  const judged = { ...settings, leftOut, clock: { ...clock, now: () => nowMs }, clockSkewMsMax: 0 };
  const destinations = new Destinations(schema, judged);
  const prove = (file: OrderedFile) => proofs.prove(file);
  return { prepared, settings, selection, signal, progress, prove, lines: proofs.shareLines(), destinations };
}

interface Work {
  readonly numbers: ShardNumbers;
  readonly files: AsyncIterable<OrderedFile>;
}

function wholePlan(workshop: Workshop): Work {
  return { numbers: new SerialNumbers(), files: filesOf(workshop) };
}

/** Numbers all shards of the plan, and chooses the files that this part needs. */
async function partOfPlan(workshop: Workshop): Promise<Work> {
  const possible = new PossibleShards({ ...workshop, precision: workshop.settings.precision });
  for await (const _ of possible.of(filesOf(workshop)));
  const numbers = new PartNumbers(possible.places, workshop.settings.shard);
  const files = async function* () {
    for await (const one of possible.of(filesOf(workshop))) if (numbers.concerns(one)) yield one.file;
  };
  return { numbers, files: files() };
}

function filesOf({ prepared: { source }, settings: { map }, selection }: Workshop): AsyncIterable<OrderedFile> {
  return pruneByHeader(
    inReplayOrder({ ...source, selection }, (database) => map.database(database)),
    selection,
  );
}

/** Returns the time in the names of files: that of the newest file of the plan, in whole seconds. */
function stampOf({ openedMs, weakMs }: PlanSource['bound']): number {
  return 1000 * Math.floor(Math.max(0, openedMs, weakMs) / 1000);
}
