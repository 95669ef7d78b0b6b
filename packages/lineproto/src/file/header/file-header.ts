import type { Precision } from '@ceres/internal';

/** What a file says of its retention policy, so that a restore can create it again exactly. */
export interface PolicySchema {
  /** As InfluxDB writes durations: `5d`, `168h`, `INF`. */
  readonly duration: string;
  readonly shardDuration?: string;
  readonly replication?: number;
  readonly isDefault?: boolean;
}

/** What the lines of a file are, altogether. */
export interface FileSummary {
  /** Records. */
  readonly lines: number;
  /** Of the records, with their LFs. */
  readonly bytes: number;
  /** Least and greatest timestamp, in the precision of the file. */
  readonly firstTimestamp: bigint;
  readonly lastTimestamp: bigint;
}

/** The comment lines a file begins with. */
export interface FileHeader {
  readonly database: string;
  /** `''` is the default policy. */
  readonly retentionPolicy: string;
  /** Absent in files of older systems, like every field below. */
  readonly formatVersion?: 1;
  /** The InfluxDB server that the points were written to. */
  readonly instance?: string;
  readonly precision?: Precision;
  /** The run of the sink that wrote the file. */
  readonly writer?: string;
  /** Per writer, database and policy, from 1: a gap shows a lost file. */
  readonly sequence?: bigint;
  readonly summary?: FileSummary;
  readonly policy?: PolicySchema;
  /** Why InfluxDB's own importer would get this file wrong. Absent or empty: it gets it right. */
  readonly notImportable?: readonly string[];
}

export const FORMAT_VERSION = 1;
