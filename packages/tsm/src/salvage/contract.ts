import type { Column } from '../column';
import type { ShardName } from '../containers/shard-name';

/** Something that was there and cannot be read any more. */
export interface SalvageLoss {
  /**
   * What is lost: `block` points of a TSM file; `index` names in the index of a TSM file, and with them the points of blocks that cannot be
   * attributed; `wal` entries of a WAL; `name` a file or a folder whose name says nothing; `file` a whole file; `shard` a whole shard.
   */
  readonly kind: 'block' | 'index' | 'wal' | 'name' | 'file' | 'shard';
  /** The path of the damaged file; of the folder, if that is missing. */
  readonly file: string;
  readonly shard?: ShardName;
  /** The key of the points in a TSM file (see `splitKey`), where it is known. */
  readonly key?: Uint8Array;
  /**
   * The first and the last time of what is lost, in nanoseconds. Where the damaged bytes do not say it, these are the limits of the shard;
   * `undefined` if those are not known either.
   */
  readonly minTimeNs?: bigint;
  readonly maxTimeNs?: bigint;
  /** The lost bytes of the file: from `fromByte` up to, and without, `toByte`. */
  readonly fromByte?: number;
  readonly toByte?: number;
  /** A sentence. */
  readonly reason: string;
}

/** Points that can be read, and may belong to another series or field: what names them contradicts what else is known. */
export interface DoubtfulPoints {
  readonly file: string;
  readonly shard: ShardName;
  readonly seriesKey: Uint8Array;
  readonly field: Uint8Array;
  /** Its memory is used again when the callback is done. */
  readonly column: Column;
  /** A sentence. */
  readonly reason: string;
}

/** A check that could not be made. Nothing is lost by it, but a changed name may have come through unnoticed. */
export interface UncheckedNames {
  /** The path of the series file (`_series`), or of the `fields.idx` of a shard. */
  readonly file: string;
  /** `undefined` for the series file, which all shards of a database share. */
  readonly shard?: ShardName;
  /** A sentence. */
  readonly reason: string;
}

/** How a damaged data directory is read. */
export interface SalvageOptions {
  /** Takes each loss: those of the directory while it is opened, those of a shard while that is opened. */
  onLoss(loss: SalvageLoss): void;
  /** Takes doubtful points, while their shard is opened. They are not among the points of the shard. */
  onDoubtful(points: DoubtfulPoints): void | Promise<void>;
  /** Takes the checks that could not be made, each once. */
  onUnchecked?(check: UncheckedNames): void;
  /** Ends the reading. */
  readonly signal?: AbortSignal;
}
