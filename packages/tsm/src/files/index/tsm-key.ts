import type { FieldType } from '../../column';
import type { IndexCursor } from './index-cursor';

/** A key of a TSM file, and what its index says about its blocks. Format: docs/storage-engine.md, "TSM file". */
export interface TsmKey {
  /** Series key and field: see `splitKey`. */
  readonly key: Uint8Array;
  readonly type: FieldType;
  readonly blocks: readonly TsmBlock[];
}

/** What the index says about a block. Format: docs/storage-engine.md, "TSM file". */
export interface TsmBlock {
  /** The time of its first point, in nanoseconds. */
  readonly first: bigint;
  /** The time of its last point. */
  readonly last: bigint;
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Returns the key that a cursor stands at. */
export function keyOf({ key, type, blocks }: IndexCursor): TsmKey {
  const list = Array.from({ length: blocks.length }, (_, i) => ({
    first: blocks.first(i),
    last: blocks.last(i),
    offset: blocks.offsets[i] as number,
    sizeBytes: blocks.sizes[i] as number,
  }));
  return { key, type, blocks: list };
}
