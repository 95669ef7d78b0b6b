import { unlink } from 'node:fs/promises';
import {
  ColumnBuffer,
  fileSource,
  joinKey,
  openShard,
  parseTsmFileName,
  type ShardFile,
  ShardWriter,
  tsmFileName,
  type WriterMemory,
} from '@ceres/tsm';
import type { CompiledFile, CompiledMeasurement, CompiledShard, ShardPlace } from '../compiled-shard';
import { FieldTally, measurementOf } from './field-tally';
import type { ScratchFile, ScratchFolder } from './scratch-folder';

/** A part of a shard, sorted, as TSM files: the rows that memory held at one time. */
export interface Run {
  readonly files: readonly ScratchFile[];
  readonly tally: FieldTally;
}

/** The most points of a block, as influxd has it. */
const BLOCK_POINTS = 1_000;

/** What runs are written with. */
export interface RunSettings {
  readonly scratch: ScratchFolder;
  /** Used for one run after another. */
  readonly memory: WriterMemory;
}

/** Writes a run with what `fill` gives it. */
export async function writeRun(
  { scratch, memory }: RunSettings,
  fill: (writer: ShardWriter, tally: FieldTally) => Promise<void>,
): Promise<Run> {
  const files: ScratchFile[] = [];
  const tally = new FieldTally();
  const writer = new ShardWriter((name) => scratch.begin(name, (file) => files.push(file)), {}, memory);
  await fill(writer, tally);
  await writer.finish();
  return { files, tally };
}

/** Merges runs into one, and removes them. Of a value that several hold, that of the latest counts. */
export async function mergeRuns(settings: RunSettings, runs: readonly Run[], signal: AbortSignal): Promise<Run> {
  const opened: ShardFile[] = [];
  for (const [number, { files }] of runs.entries()) {
    for (const file of files) {
      const name = tsmFileName({ generation: number + 1, sequence: sequenceOf(file) });
      opened.push({ name, source: await fileSource(file.path) });
    }
  }
  const shard = await openShard({ files: opened });
  try {
    return await writeRun(settings, async (writer, tally) => {
      const blocks = new ColumnBuffer();
      let key: Uint8Array = new Uint8Array(0);
      const flush = async () => {
        if (blocks.length > 0) await writer.write(key, blocks);
      };
      for await (const { seriesKey, field, column } of shard.columns()) {
        signal.throwIfAborted();
        const next = joinKey(seriesKey, field);
        // Runs give pieces of any length; together they fill blocks.
        if (blocks.length >= BLOCK_POINTS || Buffer.compare(next, key) !== 0) {
          await flush();
          blocks.reset(column.type, column.length);
        }
        key = next;
        blocks.append(column, 0, column.length);
        const fieldName = Buffer.from(field.buffer, field.byteOffset, field.length).toString('latin1');
        tally.add(measurementOf(seriesKey), fieldName, seriesKey, column);
      }
      await flush();
    });
  } finally {
    await shard.close();
    for (const { files } of runs) await removeAll(files);
  }
}

/** A compiled shard in the scratch folder: data, which can go to another thread. */
export interface WrittenShard {
  readonly place: ShardPlace;
  readonly files: readonly ScratchFile[];
  readonly measurements: readonly CompiledMeasurement[];
  readonly values: number;
  readonly records: number;
  readonly databaseSeriesMax: number;
}

/** Returns a shard that is in the scratch folder as the outside sees it. */
export function compiledShard({ place, files, ...content }: WrittenShard): CompiledShard {
  return {
    ...place,
    ...content,
    files: files.map((file): CompiledFile => {
      return { sequence: sequenceOf(file), sizeBytes: file.sizeBytes, open: () => fileSource(file.path) };
    }),
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    release: () => removeAll(files),
  };
}

async function removeAll(files: readonly ScratchFile[]): Promise<void> {
  for (const { path } of files) await unlink(path);
}

function sequenceOf({ name }: ScratchFile): number {
  const parsed = parseTsmFileName(name);
  if (parsed === undefined) throw new TypeError(`${name} is not the name of a TSM file`);
  return parsed.sequence;
}
