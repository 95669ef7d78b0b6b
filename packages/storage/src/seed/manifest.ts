/** The kinds of what a seed is read from. */
export const seedSources = ['snapshot', 'portable', 'data-directory', 'query'] as const;

export type SeedSource = (typeof seedSources)[number];

/** What a seed was narrowed to; what is absent selects everything. */
export interface SeedSelection {
  readonly databases?: readonly string[];
  readonly policies?: readonly string[];
  readonly measurements?: readonly string[];
  /** The least timestamp that is in the seed, and the first one that no longer is, in ns since the epoch. */
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
}

/** What a seed holds of one database and policy. */
export interface SeedPartition {
  readonly database: string;
  readonly retentionPolicy: string;
  /** True if it was the database's default policy when the seed was taken. */
  readonly isDefault: boolean;
  readonly lines: number;
  /** The least and the greatest timestamp, in ns since the epoch; both 0 where there are no lines. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
  /** The digest of its content, as the seed proved it. */
  readonly digest: string;
}

/** A shard that a seed has read. */
export interface SeedShard {
  readonly database: string;
  readonly retentionPolicy: string;
  readonly id: number;
  /** The number of backup files that were made of it. */
  readonly files: number;
}

/** A backup file of a seed. */
export interface SeedFile {
  readonly key: string;
  /** The size of the object. */
  readonly bytes: number;
  /** The MD5 of the object's bytes in base64, as in heartbeats. */
  readonly digest: string;
  readonly lines: number;
  /** The least and the greatest timestamp of its lines, in ns since the epoch. */
  readonly firstNs: bigint;
  readonly lastNs: bigint;
}

/** The last object of a seed: what belongs to it. A seed without one is unfinished. */
export interface SeedManifest {
  /** A UUID. */
  readonly id: string;
  readonly instance: string;
  readonly source: SeedSource;
  /** The server or folder that was read, as the operator named it, without a password. */
  readonly server?: string;
  /** Every write that reached the source before this moment is in the seed; ms since the epoch. */
  readonly takenMs: number;
  /** False for a first seed, which any other file of the backup wins over; true for one that closes gaps. */
  readonly again: boolean;
  readonly selection: SeedSelection;
  readonly partitions: readonly SeedPartition[];
  readonly shards: readonly SeedShard[];
  readonly files: readonly SeedFile[];
  /** What of the source could not be read, a sentence each. */
  readonly losses: readonly string[];
}

/** What no manifest exceeds. A reader refuses what does, so that one object cannot take its memory. */
export const seedLimits = {
  filesMax: 200_000,
  /** Partitions, shards, losses and selected names together. */
  othersMax: 200_000,
  /** The losses that are written out; what is more becomes one line with their number. */
  lossesMax: 10_000,
  /** One line with its LF: a key of 1,024 bytes, and numbers. A longer loss is cut. */
  lineBytesMax: 2048,
  textBytesMax: 96 * 1024 * 1024,
  sizeBytesMax: 97 * 1024 * 1024,
} as const;
