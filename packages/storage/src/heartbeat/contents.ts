/** What the first line of a heartbeat says. Times are ms since the epoch, by the clock of the sink's host. */
export interface HeartbeatStatement {
  /** The InfluxDB server whose files this ledger names. */
  readonly instance: string;
  /** The sink's id, which lives in its spool: a restarted process goes on with its ledger. */
  readonly sink: string;
  /** A UUIDv7. The ids of a sink sort in the order of its heartbeats. */
  readonly id: string;
  /** The id of the heartbeat before this one; `undefined` in the first, and where the spool lost it. */
  readonly previous: string | undefined;
  /** The run of the sink, as in the header of its files: `# CERES-WRITER`. */
  readonly writer: string;
  /** The UTC day, YYYYMMDD, on which all files named here were recorded. */
  readonly day: string;
  /** True if this heartbeat, with the others of `parts`, names every file that was recorded on `day`. */
  readonly isWholeDay: boolean;
  /** The number of this part of a whole day, from 1 to `parts`; 1 of 1 in every other heartbeat. */
  readonly part: number;
  readonly parts: number;
  readonly atMs: number;
  /** Everything acked before this moment is stored, and named by this heartbeat or one before it. */
  readonly storedUpToMs: number;
  /** When the next heartbeat is due at the latest; `undefined` in the last. */
  readonly nextDueByMs: number | undefined;
  /** True if the sink closes, and says so. */
  readonly isLast: boolean;
  /** The files of this instance that the spool holds: those that take lines, those on their way, and those that the storage refuses. */
  readonly open: number;
  readonly spooled: number;
  readonly parked: number;
  /** The number of stored files that this ledger could not record, since the heartbeat before. */
  readonly unnamed: number;
}

/** A file that the storage has. What the sink does not know is absent. */
export interface NamedFile {
  readonly state: 'stored';
  readonly key: string;
  /** The size of the object. Absent if the storage may hold other bytes, with the same lines, than the sink can make again. */
  readonly sizeBytes?: number;
  /** The MD5 of the object's bytes in base64, as storages state it. Absent where `sizeBytes` is. */
  readonly md5?: string;
  readonly lines?: number;
  /** The least and the greatest timestamp of its lines, in ns since the epoch. */
  readonly fromNs?: bigint;
  readonly toNs?: bigint;
}

/** A file that the spool holds, and the storage perhaps not yet. */
export interface PendingFile {
  readonly state: 'open' | 'spooled' | 'parked';
  /** The key that it has or will have. A crash may give an open file another one of the same moment. */
  readonly key: string;
  /** When its first lines came, in ms since the epoch. */
  readonly sinceMs: number;
  /** Its lines so far; absent for a file of an earlier run. */
  readonly lines?: number;
}

/** One file of a heartbeat. */
export type HeartbeatFile = NamedFile | PendingFile;

/** The states of a file that is pending. */
export const pendingStates = ['open', 'spooled', 'parked'] as const;

/** What no heartbeat of a sink exceeds. A reader refuses what does, so that one object cannot take its memory. */
export const heartbeatLimits = {
  /** The files that are named as stored. What is more goes into the next heartbeat. */
  filesMax: 50_000,
  /** The files that are named as pending: the oldest of them. The statement counts all. */
  pendingMax: 10_000,
  /** One line with its LF: a key of 1,024 bytes, and numbers. */
  lineBytesMax: 2048,
  /** All lines of one heartbeat. */
  textBytesMax: 32 * 1024 * 1024,
  /** The object. gzip adds less than a thousandth to what it cannot compress. */
  sizeBytesMax: 33 * 1024 * 1024,
} as const;
