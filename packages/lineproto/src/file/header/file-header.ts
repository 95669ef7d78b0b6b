import type { Precision } from '@ceres/internal';

/** Describes a file's retention policy, so that a restore can create it again exactly. */
export interface PolicySchema {
  /** The name of the policy in files of the default policy. They hold the writes that name no policy, too. */
  readonly name?: string;
  /** A duration as InfluxDB writes it: `5d`, `168h`, `INF`. */
  readonly duration: string;
  readonly shardDuration?: string;
  readonly replication?: number;
  readonly isDefault?: boolean;
}

/** Describes all lines of a file together. */
export interface FileSummary {
  /** Records. */
  readonly lines: number;
  /** The bytes of the records, with their LFs. */
  readonly bytes: number;
  /** The least timestamp, in the precision of the file. */
  readonly firstTimestamp: bigint;
  /** The greatest timestamp, in the precision of the file. */
  readonly lastTimestamp: bigint;
}

/** Says that a file is part of a full copy of a database, and of what. */
export interface SeedOrigin {
  /** What was read: `snapshot`, `portable`, `data-directory` or `query`. */
  readonly source: string;
  /** The server or folder that was read. Only its first characters are kept of one that is too long. */
  readonly server?: string;
  /** Every write that reached the source before this moment is in the copy; ms since the epoch. */
  readonly takenMs: number;
}

/** The comment lines that a file begins with. */
export interface FileHeader {
  readonly database: string;
  /** The name of the policy; `''` is the default policy. */
  readonly retentionPolicy: string;
  /** The version of the format. Absent in files of older systems, like every field below. */
  readonly formatVersion?: 1;
  /** The InfluxDB server that the points were written to. */
  readonly instance?: string;
  readonly precision?: Precision;
  /** The run of the sink that wrote the file. */
  readonly writer?: string;
  /** Counts the files of a writer, database and policy from 1: a gap shows a lost file. */
  readonly sequence?: bigint;
  /** Set in the files of a full copy, which no sink wrote. */
  readonly seed?: SeedOrigin;
  readonly summary?: FileSummary;
  readonly policy?: PolicySchema;
  /**
   * The policies that the lines switch between, `''` for the default one; it is for a database whose default policy may be one of the
   * named ones. The lines begin with those of `retentionPolicy`. Absent in a file of one policy.
   */
  readonly mixed?: readonly string[];
  /** Says why InfluxDB's own importer would get this file wrong. Absent or empty if it gets it right. */
  readonly notImportable?: readonly string[];
}

export const FORMAT_VERSION = 1;
