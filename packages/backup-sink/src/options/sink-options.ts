import { resolve } from 'node:path';
import { type Clock, type FileSystem, nodeFileSystem, systemClock } from '@ceres/internal';
import type { PolicySchema, Precision } from '@ceres/lineproto';
import { checkNumber, type ObjectWriter, type Partition, StorageError } from '@ceres/storage';
import { SinkError } from '../errors';
import { harmless, type Logger, silentLogger } from '../report/logger';
import { type Ack, isAck } from './ack';
import { checkNames } from './arguments';
import { isPrecision, precisionWords } from './precision-words';

/** How a sink works. Only the first three have no default. */
export interface BackupSinkOptions {
  /** Where files are put. Nothing but its `put` is ever called. */
  readonly storage: ObjectWriter;
  /** A directory on a local disk that survives the process; one sink at a time owns it. Made if it is not there. */
  readonly spoolDir: string;
  /** Of all stored timestamps. There is no safe guess: it is the one your points are written with. */
  readonly precision: Precision;
  /** When `write()` resolves. Default `spooled`. */
  readonly ack?: Ack;
  /** What to do with a timestamp finer than `precision`. Default `refuse`. */
  readonly onPrecisionLoss?: 'refuse' | 'truncate';
  /** `quarantine` stores the good records of a write, and the bad ones with their reason under `~quarantine/`. Default `refuse`. */
  readonly onInvalid?: 'refuse' | 'quarantine';
  /** What `write()` does when the spool is full. Default `wait`. */
  readonly onSpoolFull?: 'wait' | 'reject';
  /** A file is sealed before its lines exceed this; a single larger write has a file of its own. Default 64 MiB. */
  readonly segmentBytesMax?: number;
  /** A file is sealed when it was opened so long ago. Default 300,000 (5 min). */
  readonly segmentAgeMsMax?: number;
  /** Of lines that are in memory on their way to the disk; above it `write()` waits. Default 64 MiB. */
  readonly bufferedBytesMax?: number;
  /** Of all that the spool holds. An eighth, at most one segment, is kept in reserve for compressing. Default 10 GiB. */
  readonly spoolBytesMax?: number;
  /** Of open segments; more partitions than that are no error, they are opened again when written to. Default 1,024, at least 16. */
  readonly openFilesMax?: number;
  /** Files put at once. Default 4. */
  readonly uploadConcurrency?: number;
  /** 0 to 9. Default 3. */
  readonly gzipLevel?: number;
  /** What is known of a database's policies; written into its files, so that a restore re-creates them exactly. See `readPolicies`. */
  readonly policies?: (partition: Partition) => PolicySchema | undefined;
  /** With pino's signature. Default: silent. */
  readonly logger?: Logger;
  readonly fs?: FileSystem;
  readonly clock?: Clock;
}

/** Options as the inside sees them: checked, and with every default. */
export type ResolvedOptions = Readonly<Required<BackupSinkOptions>>;

const MiB = 1024 * 1024;

const defaults = {
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
  policies: () => undefined,
  logger: silentLogger,
  fs: nodeFileSystem,
  clock: systemClock,
} satisfies Partial<BackupSinkOptions>;

/** The least and the most that makes sense. */
const bounds = {
  segmentBytesMax: [1024, 2 ** 30],
  segmentAgeMsMax: [1, 86_400_000],
  bufferedBytesMax: [1024, 2 ** 40],
  spoolBytesMax: [4096, Number.MAX_SAFE_INTEGER],
  openFilesMax: [16, 1_000_000],
  uploadConcurrency: [1, 256],
  gzipLevel: [0, 9],
} satisfies Partial<Record<keyof BackupSinkOptions, readonly [number, number]>>;

/** @throws SinkError `INVALID_OPTIONS` */
export function resolveOptions(options: BackupSinkOptions): ResolvedOptions {
  try {
    checkNames('BackupSink.open()', options, ['storage', 'spoolDir', 'precision', ...Object.keys(defaults)]);
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const resolved = { ...defaults, ...(given as unknown as BackupSinkOptions) };
    for (const [name, [min, max]] of Object.entries(bounds)) {
      const value = resolved[name as keyof typeof bounds];
      checkNumber(name, value, min, max);
      check(name.includes('Ms') || Number.isInteger(value), `${name} is ${value}: give a whole number`);
    }
    checkWords(resolved);
    checkShapes(resolved);
    return Object.freeze({ ...resolved, spoolDir: resolve(resolved.spoolDir), logger: harmless(resolved.logger) });
  } catch (error) {
    if (error instanceof StorageError) throw new SinkError('INVALID_OPTIONS', error.message, { cause: error });
    throw error;
  }
}

function checkWords(options: Required<BackupSinkOptions>): void {
  const { spoolDir, precision, ack, onPrecisionLoss, onInvalid, onSpoolFull } = options;
  check(typeof spoolDir === 'string' && spoolDir !== '', 'spoolDir must name a directory on a local disk');
  check(isPrecision(precision), `precision must be one of ${precisionWords}`);
  check(isAck(ack), "ack must be 'buffered', 'spooled' or 'stored'");
  check(['refuse', 'truncate'].includes(onPrecisionLoss), "onPrecisionLoss must be 'refuse' or 'truncate'");
  check(['refuse', 'quarantine'].includes(onInvalid), "onInvalid must be 'refuse' or 'quarantine'");
  check(['wait', 'reject'].includes(onSpoolFull), "onSpoolFull must be 'wait' or 'reject'");
}

/** What is called later must be there now: the first call may be hours away, or in the middle of a write. */
function checkShapes({ storage, policies, logger, fs, clock }: Required<BackupSinkOptions>): void {
  check(has(storage, 'put'), 'storage must have a put() method, such as a LocalStorage');
  check(typeof policies === 'function', 'policies must be a function of the partition, such as readPolicies() gives');
  check(
    has(logger, 'debug', 'info', 'warn', 'error'),
    'logger must have debug(), info(), warn() and error(), as pino has',
  );
  const calls = ['open', 'mkdir', 'link', 'rename', 'unlink', 'readdir', 'lstat'] as const;
  check(has(fs, ...calls), `fs must have the calls ${calls.join(', ')}, as node:fs/promises has`);
  check(has(clock, 'now', 'sleep'), 'clock must have now() and sleep()');
}

/** As far as a caller without TypeScript may be wrong. */
function has<T extends object>(given: T | null, ...methods: readonly (keyof T)[]): boolean {
  return methods.every((name) => typeof given?.[name] === 'function');
}

function check(isGood: boolean, rule: string): void {
  if (!isGood) throw new SinkError('INVALID_OPTIONS', `${rule}.`);
}

/** Of the spool, for compressing: an eighth, but no more than a file can need. */
export function reserveBytes({ spoolBytesMax, segmentBytesMax }: ResolvedOptions): number {
  return Math.min(segmentBytesMax, Math.floor(spoolBytesMax / 8));
}
