import type { DatabaseMeta, DoubtfulPoints, PointBatch, ReadRange, UserMeta } from '@ceres/tsm';

/** The kinds of places that a full copy comes from, as `# CERES-SEED` names them. */
export type SeedSourceKind = 'snapshot' | 'portable' | 'data-directory' | 'query';

/** A shard that was opened. */
export interface OpenShard {
  /** Yields series by series, each in order of time. A batch is the iterator's until the next one. */
  points(range: ReadRange): AsyncIterable<PointBatch>;
  /** What could not be read of it, each a sentence that names it. Complete once all points were read. */
  readonly losses: readonly string[];
  close(): Promise<void>;
}

/** Takes points whose names contradict what else is known. */
export type OnDoubtful = (points: DoubtfulPoints) => Promise<void>;

/** A shard of a source. */
export interface SeedShard {
  readonly database: string;
  readonly retentionPolicy: string;
  /** InfluxDB's number of the shard. */
  readonly id: number;
  /** The bytes of its files; `undefined` if the source does not know. */
  readonly sizeBytes: number | undefined;
  /** The first time of its group, and the first time after it, in ns since the epoch; `undefined` if the source does not know. */
  readonly startNs: bigint | undefined;
  readonly endNs: bigint | undefined;
  /**
   * Opens it. Points that can be read, and may belong to another series or field, are not among its points.
   *
   * @param onDoubtful takes them. Their memory is used again when it is done. Default: they are only named in `losses`
   */
  open(onDoubtful?: OnDoubtful): Promise<OpenShard>;
}

/** A place that a full copy comes from. */
export interface SeedSource {
  readonly kind: SeedSourceKind;
  /** What messages call it: a URL without secrets, or the path of a folder. */
  readonly name: string;
  /** The URL of the server, without secrets; `undefined` for a folder. */
  readonly server: string | undefined;
  /** Every write that reached the source before this moment is in it, in ms since the epoch. */
  readonly takenMs: number;
  /** The databases with their policies; `undefined` if the source does not know them. */
  readonly databases: readonly DatabaseMeta[] | undefined;
  /** The users; `undefined` if the source does not know them. */
  readonly users: readonly UserMeta[] | undefined;
  /** What of it cannot be read and belongs to no shard that is there, each a sentence. */
  readonly losses: readonly string[];
  /** The checks that could not be made, each a sentence: nothing is lost by it. Complete once all shards were opened. */
  readonly unchecked: readonly string[];
  /** Sorted by database, policy and id. */
  readonly shards: readonly SeedShard[];
}
