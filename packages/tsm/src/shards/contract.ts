import type { Column, FieldType } from '../column';
import type { ByteSource } from '../files/byte-source';
import type { WalCut } from './wal/read-wal';

/** One TSM file of a shard, and its tombstones, if it has any. Format: docs/storage-engine.md, "Where what is". */
export interface ShardFile {
  /** The name without a folder, such as `000000001-000000001.tsm`: it decides which file wins. */
  readonly name: string;
  readonly source: ByteSource;
  readonly tombstones?: ByteSource;
}

/** The files of one shard, wherever they come from. Format: docs/storage-engine.md, "Where what is". */
export interface ShardFiles {
  /** The order does not matter: the names decide. */
  readonly files: readonly ShardFile[];
  /** The segments of the WAL, in the order of their names: `_00001.wal`. */
  readonly wal?: readonly ByteSource[];
}

/** Which points to read. */
export interface ReadRange {
  /** The first time, in nanoseconds. Default: all. */
  readonly from?: bigint;
  /** The last time, which is included: the largest time has none after it. Default: all. */
  readonly to?: bigint;
}

/** Points of one field of one series, in order of time. A field with many points comes in several of these. Format: docs/storage-engine.md, "TSM file". */
export interface FieldColumn {
  /** Measurement and tags, escaped as in line protocol, the tags in order. */
  readonly seriesKey: Uint8Array;
  /** The name of the field, not escaped. */
  readonly field: Uint8Array;
  /** Belongs to the iterator, which uses its memory again for the next one. */
  readonly column: Column;
}

/** A field of a `PointBatch`. */
export interface BatchField {
  readonly name: Uint8Array;
  readonly type: FieldType;
  readonly column: Column;
  /** Holds, for each point, the index of its value in `column`; -1 where the point lacks the field. */
  readonly rows: Int32Array;
}

/** Points of one series with their fields merged, in order of time. A series with many points comes in several of these. */
export interface PointBatch {
  readonly seriesKey: Uint8Array;
  /** The number of points. */
  readonly length: number;
  /** Nanoseconds. Only the first `length` entries count, here and in `timeWords` and `rows`. */
  readonly times: BigInt64Array;
  /** The memory of `times` as 32-bit words. */
  readonly timeWords: Uint32Array;
  /** Sorted by name. Some may have no value in this batch, and others of the series may be left out that have none. */
  readonly fields: readonly BatchField[];
  /** True if every point has every field, and the values of each field lie side by side: `rows[i]` is `rows[0] + i`. */
  readonly isWhole?: boolean;
}

/** The content of a shard: its files merged, later ones first, less what was deleted. Format: docs/storage-engine.md, "Where what is". */
export interface Shard {
  /** Yields series by series in the order of keys, field by field, each in order of time. */
  columns(range?: ReadRange): AsyncIterable<FieldColumn>;
  /**
   * Calls `visit` with what `columns` yields, which is faster where columns are short, and waits where it returns a promise. What `visit`
   * throws ends the reading.
   */
  visitColumns(visit: (column: FieldColumn) => void | Promise<void>, range?: ReadRange): Promise<void>;
  /** Yields series by series in the order of keys, each in order of time. A batch is the iterator's until the next one. */
  points(range?: ReadRange): AsyncIterable<PointBatch>;
  /** The ends of the WAL that were left out because a crash cut them: see `WalCut`. Usually empty. */
  readonly walCuts: readonly WalCut[];
  /**
   * Set if points may be missing that a running server had in its cache: another snapshot of the shard was being taken whenever it was asked, or
   * that cannot be excluded.
   */
  readonly mayLackCache?: true;
  /** Closes the files. */
  close(): Promise<void>;
}
