import { resolve } from 'node:path';
import { type Clock, type FileSystem, nodeFileSystem, precisions, systemClock } from '@ceres/internal';
import type { PolicySchema, Precision } from '@ceres/lineproto';
import type { ObjectWriter, Partition } from '@ceres/storage';
import { harmless, type Logger, silentLogger } from '../report/logger';
import { check } from './check';
import { type Ack, acks } from './write-options';

/** How a sink works. Only the first three have no default. */
export interface BackupSinkOptions {
  /** The storage that files are put into. The sink calls nothing but its `put`. */
  readonly storage: ObjectWriter;
  /** A directory on a local disk that survives the process; one sink at a time owns it. The sink makes it if it is missing. */
  readonly spoolDir: string;
  /**
   * The host name of an owner of the spool that may be displaced although it cannot be seen from here. It is needed only on a file system that
   * other hosts may share (NFS, CIFS, FUSE and unknown types): elsewhere the sink takes such a spool over by itself. By this option you say that
   * no process of that name uses the spool; one that still renews its lease is not displaced. Default: none.
   */
  readonly takeover?: string;
  /** The precision of all stored timestamps: the one your points are written with. There is no safe guess. */
  readonly precision: Precision;
  /** The point at which `write()` resolves. Default `spooled`. */
  readonly ack?: Ack;
  /** What happens to a timestamp finer than `precision`. Default `refuse`. */
  readonly onPrecisionLoss?: 'refuse' | 'truncate';
  /** `quarantine` stores the good records of a write, and the bad ones with their reason under `~quarantine/`. Default `refuse`. */
  readonly onInvalid?: 'refuse' | 'quarantine';
  /** What `write()` does when the spool is full. Default `wait`. */
  readonly onSpoolFull?: 'wait' | 'reject';
  /** A file is sealed before its lines exceed this; a single larger write has a file of its own. Default 64 MiB. */
  readonly segmentBytesMax?: number;
  /** A file is sealed this long after it was opened. Default 300,000 (5 min). */
  readonly segmentAgeMsMax?: number;
  /** The most bytes of lines in memory on their way to the disk; above it `write()` waits. Default 64 MiB. */
  readonly bufferedBytesMax?: number;
  /** The most bytes that the spool holds. An eighth, at most one segment, is kept in reserve for compressing. Default 10 GiB. */
  readonly spoolBytesMax?: number;
  /** The most open descriptors of segments. With more partitions, files are closed and opened again when written to. Default 1,024, at least 16. */
  readonly openFilesMax?: number;
  /** The number of files that are put at once. Default 4. */
  readonly uploadConcurrency?: number;
  /** The level of compression, from 0 to 9. Default 3. */
  readonly gzipLevel?: number;
  /**
   * A heartbeat says what was stored this long after the one before, if anything changed; after twelve times as long if not. It is an object
   * under `~heartbeat/`, by which readers of the backup notice what is missing. `Infinity`: none. Default 300,000 (5 min).
   */
  readonly heartbeatMs?: number;
  /** Returns what is known of a partition's policy. It is written into the files, so that a restore creates the policy again exactly. See `readPolicies`. */
  readonly policies?: (partition: Partition) => PolicySchema | undefined;
  /** A logger with pino's signature. Default: silent. */
  readonly logger?: Logger;
  /** The file system of the spool, for tests. Default: Node's. */
  readonly fs?: FileSystem;
  /** The clock, for tests. Default: the system's. */
  readonly clock?: Clock;
}

/** The options as the inside sees them: checked, and with every default. */
export type ResolvedOptions = Readonly<Required<Omit<BackupSinkOptions, 'takeover'>>> & {
  readonly takeover: string | undefined;
};

const MiB = 1024 * 1024;

const defaults = {
  takeover: undefined,
  ack: 'spooled',
  onPrecisionLoss: 'refuse',
  onInvalid: 'refuse',
  onSpoolFull: 'wait',
  segmentBytesMax: 64 * MiB,
  segmentAgeMsMax: 300_000,
  bufferedBytesMax: 64 * MiB,
  spoolBytesMax: 10 * 1024 * MiB,
  openFilesMax: 1024,
  uploadConcurrency: 4,
  gzipLevel: 3,
  heartbeatMs: 300_000,
  policies: () => undefined,
  logger: silentLogger,
  fs: nodeFileSystem,
  clock: systemClock,
} satisfies Partial<ResolvedOptions>;

/** The least and the most that makes sense. */
const ranges = {
  segmentBytesMax: { min: 1024, max: 2 ** 30, unit: 'bytes' },
  bufferedBytesMax: { min: 1024, max: 2 ** 40, unit: 'bytes' },
  spoolBytesMax: { min: 4096, max: Number.MAX_SAFE_INTEGER, unit: 'bytes' },
  openFilesMax: { min: 16, max: 1_000_000 },
  uploadConcurrency: { min: 1, max: 256 },
  gzipLevel: { min: 0, max: 9 },
} as const;

/**
 * Checks the options of a sink and adds the defaults.
 *
 * @throws SinkError `INVALID_OPTIONS`
 */
export function resolveOptions(options: BackupSinkOptions): ResolvedOptions {
  check.names('BackupSink.open()', options, ['storage', 'spoolDir', 'precision', ...Object.keys(defaults)]);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...defaults, ...(given as unknown as BackupSinkOptions) };

  check.text('spoolDir', resolved.spoolDir, '/var/spool/ceres');
  if (resolved.takeover !== undefined) check.text('takeover', resolved.takeover, 'ingest-7');
  check.oneOf('precision', resolved.precision, precisions);
  check.oneOf('ack', resolved.ack, acks);
  check.oneOf('onPrecisionLoss', resolved.onPrecisionLoss, ['refuse', 'truncate']);
  check.oneOf('onInvalid', resolved.onInvalid, ['refuse', 'quarantine']);
  check.oneOf('onSpoolFull', resolved.onSpoolFull, ['wait', 'reject']);
  for (const [name, range] of Object.entries(ranges)) {
    check.wholeNumber(name, resolved[name as keyof typeof ranges], range);
  }
  check.number('segmentAgeMsMax', resolved.segmentAgeMsMax, { min: 1, max: 86_400_000, unit: 'milliseconds' });
  check.number('heartbeatMs', resolved.heartbeatMs, { min: 1, max: Infinity, unit: 'milliseconds' });

  // What is called later must be there now: the first call may be hours away, or in the middle of a write.
  check.methods('storage', resolved.storage, ['put'], 'a LocalStorage');
  check.methods('logger', resolved.logger, ['debug', 'info', 'warn', 'error'], 'pino()');
  check.methods(
    'fs',
    resolved.fs,
    ['open', 'mkdir', 'link', 'rename', 'unlink', 'readdir', 'lstat'],
    'node:fs/promises',
  );
  check.methods('clock', resolved.clock, ['now', 'sleep']);
  const isFunction = typeof resolved.policies === 'function';
  check.that(isFunction, 'policies', 'a function, such as what readPolicies() resolves with', resolved.policies);
  return Object.freeze({ ...resolved, spoolDir: resolve(resolved.spoolDir), logger: harmless(resolved.logger) });
}

/** Returns what of the spool is kept free for compressing: an eighth, but no more than a file can need. */
export function reserveBytes({ spoolBytesMax, segmentBytesMax }: ResolvedOptions): number {
  return Math.min(segmentBytesMax, Math.floor(spoolBytesMax / 8));
}
