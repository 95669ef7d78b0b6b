import type { ByteSource, ColumnValue, FieldType } from '@ceres/tsm';

/** The address of a shard: the names are those on the server. */
export interface ShardPlace {
  readonly database: string;
  /** The policy's own name, never `''`. */
  readonly retentionPolicy: string;
  /** The first time of its shard group, ns since the epoch. That of the very first group lies before the first int64. */
  readonly startNs: bigint;
  /** The first time after the group. */
  readonly endNs: bigint;
}

/** A TSM file of a compiled shard. */
export interface CompiledFile {
  /** The sequence in its name: the generation is 0. */
  readonly sequence: number;
  readonly sizeBytes: number;
  /** Opens the file; the caller closes it. */
  open(): Promise<ByteSource>;
}

/** A field of a measurement in a compiled shard. */
export interface CompiledField {
  /** The name, not escaped. */
  readonly name: Uint8Array;
  readonly type: FieldType;
  /** How many points have a value of it. */
  readonly values: number;
  /** How many of them queries show on every index: `tsi1` hides some series. */
  readonly shown: number;
  /** Says whether it is one of the fields of which each series that queries show has at least one. */
  readonly isTelling: boolean;
  /** One of its values, which claims the type on a server that does not know the field yet. */
  readonly sample: {
    /** Measurement and tags, escaped as in line protocol. */
    readonly seriesKey: Uint8Array;
    readonly timeNs: bigint;
    readonly value: ColumnValue;
  };
}

/** A measurement in a compiled shard. */
export interface CompiledMeasurement {
  /** The name, not escaped. */
  readonly name: Uint8Array;
  /** The name as it stands at the beginning of series keys. */
  readonly escapedName: Uint8Array;
  /** Sorted by name. */
  readonly fields: readonly CompiledField[];
}

/** The content of one shard, as the TSM files that InfluxDB loads. */
export interface CompiledShard extends ShardPlace {
  /** There is at least one. Their sequences ascend in steps of 1,000. */
  readonly files: readonly CompiledFile[];
  readonly sizeBytes: number;
  /** Sorted by name. */
  readonly measurements: readonly CompiledMeasurement[];
  /** The values of all fields. */
  readonly values: number;
  /** The records behind them: several records of one series and time are one point. */
  readonly records: number;
  /** The series of all shards of its database together: at most as many as this. */
  readonly databaseSeriesMax: number;
  /** Removes the files. */
  release(): Promise<void>;
}

/** The type that a field has in a shard already, so that it wins over every type in the backup. */
export interface KnownType {
  /** The name of the measurement, not escaped. */
  readonly measurement: Uint8Array;
  /** The name of the field, not escaped. */
  readonly field: Uint8Array;
  readonly type: FieldType;
}

/** What is known of a database's shards before they are compiled: data, which can go to another thread. Shards are named by `shardIdentity`. */
export interface ShardChoice {
  /** The shards to compile; records of others are passed over, and count nowhere. Default: all but `without`. */
  readonly only?: ReadonlySet<string>;
  readonly without?: ReadonlySet<string>;
  /** The types that fields have in a shard already. Default: none. */
  readonly types?: ReadonlyMap<string, readonly KnownType[]>;
}

/** Returns what identifies a shard. */
export function shardIdentity({ database, retentionPolicy, startNs }: Omit<ShardPlace, 'endNs'>): string {
  return JSON.stringify([database, retentionPolicy, String(startNs)]);
}
