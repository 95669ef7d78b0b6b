import { unlink } from 'node:fs/promises';
import {
  type ByteSource,
  type Column,
  ColumnBuffer,
  compareWords,
  fileSource,
  joinKey,
  type Shard,
  ShardWriter,
  valueAt,
} from '@ceres/tsm';
import type { ScratchFile, ScratchFolder } from '../../compile/shards/scratch-folder';

/** The files of what a shard lacks. */
export interface MissingValues {
  readonly files: readonly { readonly name: string; open(): Promise<ByteSource> }[];
  readonly values: number;
  /** Removes the files. */
  remove(): Promise<void>;
}

/**
 * Writes the values of `ours` whose field, series and time `theirs` does not have: a shard must never get two values of one point, since a full
 * compaction could let the other one win.
 */
export async function missingValues(ours: Shard, theirs: Shard, scratch: ScratchFolder): Promise<MissingValues> {
  const files: ScratchFile[] = [];
  const writer = new ShardWriter((name) => scratch.begin(name, (file) => files.push(file)));
  const other = new ColumnCursor(theirs);
  const left = new ColumnBuffer();
  let values = 0;
  await other.next();
  for await (const { seriesKey, field, column } of ours.columns()) {
    const key = joinKey(seriesKey, field);
    left.reset(column.type, column.length);
    for (let i = 0; i < column.length; i += 1) {
      while (other.isBefore(key, column, i)) await other.next();
      if (!other.isAt(key, column, i)) left.push(column.times[i] as bigint, valueAt(column, i));
    }
    if (left.length > 0) await writer.write(key, left);
    values += left.length;
  }
  await writer.finish();
  return {
    files: files.map(({ name, path }) => ({ name, open: () => fileSource(path) })),
    values,
    remove: async () => {
      for (const { path } of files) await unlink(path);
    },
  };
}

/** Walks through all values of a shard in the order of keys and times. */
class ColumnCursor {
  readonly #columns: AsyncIterator<{ seriesKey: Uint8Array; field: Uint8Array; column: Column }>;
  #key: Uint8Array | undefined;
  #column: Column = new ColumnBuffer();
  #at = 0;

  constructor(shard: Shard) {
    this.#columns = shard.columns()[Symbol.asyncIterator]();
  }

  async next(): Promise<void> {
    this.#at += 1;
    if (this.#at < this.#column.length) return;
    const { done, value } = await this.#columns.next();
    this.#at = 0;
    this.#key = done ? undefined : joinKey(value.seriesKey, value.field);
    if (!done) this.#column = value.column;
  }

  isBefore(key: Uint8Array, column: Column, i: number): boolean {
    if (this.#key === undefined) return false;
    const order = Buffer.compare(this.#key, key);
    return order < 0 || (order === 0 && compareWords(this.#column.timeWords, this.#at, column.timeWords, i) < 0);
  }

  isAt(key: Uint8Array, column: Column, i: number): boolean {
    if (this.#key === undefined || Buffer.compare(this.#key, key) !== 0) return false;
    return compareWords(this.#column.timeWords, this.#at, column.timeWords, i) === 0;
  }
}
