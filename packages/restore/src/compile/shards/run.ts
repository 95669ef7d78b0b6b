import {
  ColumnBuffer,
  joinKey,
  openShard,
  parseTsmFileName,
  type ShardFile,
  ShardWriter,
  tsmFileName,
} from '@ceres/tsm';
import type { CompiledFile, CompiledShard } from '../compiled-shard';
import type { ShardRows } from '../rows/shard-rows';
import { FieldTally, measurementOf } from './field-tally';
import type { ScratchFile, ScratchFolder } from './scratch-folder';

/** A part of a shard, sorted, as TSM files: the rows that memory held at one time. */
export interface Run {
  readonly files: readonly ScratchFile[];
  readonly tally: FieldTally;
}

/** The most points of a block, as influxd has it. */
const BLOCK_POINTS = 1_000;

/** Writes a run with what `fill` gives it. */
export async function writeRun(
  scratch: ScratchFolder,
  fill: (writer: ShardWriter, tally: FieldTally) => Promise<void>,
): Promise<Run> {
  const files: ScratchFile[] = [];
  const tally = new FieldTally();
  const writer = new ShardWriter((name) => scratch.begin(name, (file) => files.push(file)));
  await fill(writer, tally);
  await writer.finish();
  return { files, tally };
}

/** Merges runs into one, and removes them. Of a value that several hold, that of the latest counts. */
export async function mergeRuns(scratch: ScratchFolder, runs: readonly Run[], signal: AbortSignal): Promise<Run> {
  const opened: ShardFile[] = [];
  for (const [number, { files }] of runs.entries()) {
    for (const file of files) {
      const name = tsmFileName({ generation: number + 1, sequence: sequenceOf(file) });
      opened.push({ name, source: await file.open() });
    }
  }
  const shard = await openShard({ files: opened });
  try {
    return await writeRun(scratch, async (writer, tally) => {
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
    for (const { files } of runs) for (const file of files) await file.remove();
  }
}

/** Returns a shard whose whole content is one run. */
export function compiledShard({ place, records }: ShardRows, { files, tally }: Run): CompiledShard {
  return {
    ...place,
    files: files.map((file): CompiledFile => {
      return { sequence: sequenceOf(file), sizeBytes: file.sizeBytes, open: () => file.open() };
    }),
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    measurements: tally.measurements(),
    values: tally.values,
    records,
    release: async () => {
      for (const file of files) await file.remove();
    },
  };
}

function sequenceOf({ name }: ScratchFile): number {
  const parsed = parseTsmFileName(name);
  if (parsed === undefined) throw new TypeError(`${name} is not the name of a TSM file`);
  return parsed.sequence;
}
