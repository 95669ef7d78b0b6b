import { tmpdir } from 'node:os';
import type { InfluxServer } from '@ceres/influx-http';
import { type Clock, systemClock } from '@ceres/internal';
import type { PolicySchema, Precision } from '@ceres/lineproto';
import { RestoreError } from '../errors';
import { type NativeOptions, type ResolvedNative, resolveNative } from '../native/options';
import type { ServerEvent } from '../progress/server-watch';
import type { StepProgress } from '../progress/steps';
import { check, checkCallback, checkPolicies, checkPrecision, checkServer, checkTexts, shownUrl } from './checks';
import { waitMsDefault } from './heal';
import { NameMap } from './name-map';

/** How far a restore has come. */
export interface RestoreProgress {
  /** Files done, including those of earlier runs. */
  readonly files: number;
  readonly filesTotal: number;
  /** Records stored, including those of earlier runs. */
  readonly lines: number;
  /** Compressed bytes read, as the plan counts them. */
  readonly bytes: number;
  readonly bytesTotal: number;
  /** The rate of the last few seconds. */
  readonly linesPerSecond: number;
  /** True while the server does not answer: nothing is written. */
  readonly isServerAway: boolean;
  /** The estimated time left; `undefined` until there is something to judge by, and while the server is away. */
  readonly etaMs: number | undefined;
}

export interface RestoreOptions {
  /** The server to restore into. */
  readonly to: InfluxServer;
  /** The file that keeps what is done. A later call with the same plan and journal resumes. */
  readonly journalFile: string;
  /** The folder for records that the server refuses: one file per source file, under the source file's key. */
  readonly rejectsDir: string;
  /** The largest number of concurrent writes. Records of one series are never in two of them. Default: 4. */
  readonly lanes?: number;
  /** The fastest allowed rate of writing. Default: no limit. */
  readonly rateLinesPerSecond?: number;
  /** How long one write is retried while the server is down or overloaded, at least 1,000. Default: 10 minutes. */
  readonly patienceMs?: number;
  /** The largest number of refused records: one more stops the restore with `TOO_MANY_REJECTS`. Default: no limit. */
  readonly rejectsMax?: number;
  /** Drops the shards of the planned policies before the first write. */
  readonly wipe?: boolean;
  /** The names of findings (`FileFinding.name`) that refuse neither a wipe nor `live`: what they name will be missing. Default: none. */
  readonly accept?: readonly string[];
  /**
   * The folder that receives what can be read of damaged files, under their keys. Some of it may never have been written: look at it
   * before you include it.
   */
  readonly salvageDamaged?: string;
  /** The folder with salvaged files. Each is sent in place of the damaged file with its key, and in that file's order. */
  readonly includeSalvaged?: string;
  /** The folder for files over 32 MiB between their proof and their use. Default: the system's temporary folder. */
  readonly scratchDir?: string;
  /** Writes even if the server already holds points. */
  readonly intoExisting?: boolean;
  /**
   * Restores while ingestion goes on. Files that arrive late are restored, too, and at the end every value is compared: where the restore
   * wrote an older value over one that came beside it, the newer one is written back, under the rules of `heal`. With `native`, it fills.
   * Default: false.
   */
  readonly live?: boolean;
  /** How long `live` waits, each time, for running sinks to store what they acked before, in ms. Default: 15 minutes. */
  readonly waitMs?: number;
  /**
   * Also restores the databases, policies and continuous queries that the backup holds statements for: the first two before the points, and
   * continuous queries after them. What a human has to run is in the report. Default: false.
   */
  readonly withSchema?: boolean;
  /** Loads shards through the snapshot service of the server instead of sending lines: several times as fast. Default: lines are sent. */
  readonly native?: NativeOptions;
  /** Maps a database's name in the backup to its name on the server. */
  readonly mapDatabase?: Readonly<Record<string, string>>;
  /** Maps a policy's name in the backup to its name on the server; `''` is the default policy. */
  readonly mapRetentionPolicy?: Readonly<Record<string, string>>;
  /**
   * Describes policies to create if the server lacks them, by their name there: `policy` or `database/policy`. It takes
   * precedence over what the files say. The default policy is `''` or `database/`, and only there a `name` may say what to call it.
   */
  readonly policies?: Readonly<Record<string, PolicySchema>>;
  /** The unit of timestamps in files that do not name one. Default: `s`. */
  readonly precision?: Precision;
  /** Stops reading, finishes the writes in flight, and rejects with the signal's reason. The journal resumes. */
  readonly signal?: AbortSignal;
  /** Called a few times a second while something happens. */
  readonly onProgress?: (progress: RestoreProgress) => void;
  /** Called while the files are checked before a wipe, and while `live` compares. */
  readonly onCheck?: (progress: StepProgress) => void;
  /** Called once when the server stops answering, and once when it answers again. */
  readonly onServer?: (event: ServerEvent) => void;
  /** Time, as tests inject it. */
  readonly clock?: Clock;
}

const names = [
  'to',
  'journalFile',
  'rejectsDir',
  'lanes',
  'rateLinesPerSecond',
  'patienceMs',
  'rejectsMax',
  'wipe',
  'accept',
  'salvageDamaged',
  'includeSalvaged',
  'scratchDir',
  'intoExisting',
  'live',
  'waitMs',
  'withSchema',
  'native',
  'mapDatabase',
  'mapRetentionPolicy',
  'policies',
  'precision',
  'signal',
  'onProgress',
  'onCheck',
  'onServer',
  'clock',
] as const satisfies readonly (keyof RestoreOptions)[];

/** The validated options: all that the inside sees of them. */
export interface ResolvedRestore {
  readonly to: InfluxServer;
  /** The server's URL without credentials, as the journal and messages name it. */
  readonly serverUrl: string;
  readonly journalFile: string;
  readonly rejectsDir: string;
  readonly lanes: number;
  readonly rateLinesPerSecond: number;
  readonly patienceMs: number;
  readonly rejectsMax: number;
  readonly wipe: boolean;
  readonly accept: ReadonlySet<string>;
  readonly salvageDamaged: string | undefined;
  readonly includeSalvaged: string | undefined;
  readonly scratchDir: string;
  readonly intoExisting: boolean;
  readonly live: boolean;
  readonly waitMs: number;
  readonly withSchema: boolean;
  readonly native: ResolvedNative | undefined;
  readonly map: NameMap;
  readonly policies: Readonly<Record<string, PolicySchema>>;
  readonly precision: Precision;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: RestoreProgress) => void) | undefined;
  readonly onCheck: ((progress: StepProgress) => void) | undefined;
  readonly onServer: ((event: ServerEvent) => void) | undefined;
  readonly clock: Clock;
}

const lanesMax = 64;
const defaultLanes = 4;
const defaultPatienceMs = 600_000;
/** The patience covers the first attempt as well: with less, the restore would give up on a healthy server. */
const patienceMsMin = 1_000;

/** @throws RestoreError `INVALID_OPTIONS` */
export function resolveRestore(options: RestoreOptions): ResolvedRestore {
  check.names('restore()', options, names);
  const {
    lanes = defaultLanes,
    rateLinesPerSecond = Infinity,
    patienceMs = defaultPatienceMs,
    rejectsMax = Infinity,
    wipe = false,
    accept = [],
    salvageDamaged,
    includeSalvaged,
    scratchDir = tmpdir(),
    intoExisting = false,
    live = false,
    waitMs,
    withSchema = false,
    policies = {},
    precision = 's',
    signal,
    onProgress,
    onCheck,
    onServer,
    clock = systemClock,
  } = options;
  checkPolicies(policies);
  for (const [name, callback] of Object.entries({ onProgress, onCheck, onServer })) checkCallback(name, callback);
  check.signal(signal);
  const to = checkServer(options.to);
  const native = resolveNative(options.native, check.flag('live', live));
  check.that(live || waitMs === undefined, 'waitMs', 'left out, or `live` to be set', waitMs);
  if (native !== undefined && intoExisting) {
    const todo = 'Set native.fill (--fill) to add what is missing, or leave native out so that the backup wins';
    throw new RestoreError('INVALID_OPTIONS', `A native restore never replaces a value (intoExisting). ${todo}.`);
  }
  return Object.freeze({
    to,
    serverUrl: shownUrl(to),
    journalFile: check.text('journalFile', options.journalFile, 'restore.journal'),
    rejectsDir: check.text('rejectsDir', options.rejectsDir, 'rejects'),
    lanes: check.wholeNumber('lanes', lanes, { min: 1, max: lanesMax }),
    rateLinesPerSecond: check.wholeNumber('rateLinesPerSecond', rateLinesPerSecond, { min: 1, max: Infinity }),
    patienceMs: check.wholeNumber('patienceMs', patienceMs, {
      min: patienceMsMin,
      max: Infinity,
      unit: 'milliseconds',
    }),
    rejectsMax: check.wholeNumber('rejectsMax', rejectsMax, { min: 0, max: Infinity }),
    wipe: check.flag('wipe', wipe),
    accept: checkTexts('accept', accept, 'a list of names of findings, as `ceres check` shows them'),
    salvageDamaged: salvageDamaged === undefined ? undefined : check.text('salvageDamaged', salvageDamaged, 'salvage'),
    includeSalvaged:
      includeSalvaged === undefined ? undefined : check.text('includeSalvaged', includeSalvaged, 'salvage'),
    scratchDir: check.text('scratchDir', scratchDir),
    intoExisting: check.flag('intoExisting', intoExisting),
    live,
    waitMs: check.number('waitMs', waitMs ?? waitMsDefault, { min: 0, max: Infinity, unit: 'milliseconds' }),
    withSchema: check.flag('withSchema', withSchema),
    native,
    map: new NameMap(options.mapDatabase, options.mapRetentionPolicy),
    policies,
    precision: checkPrecision(precision),
    signal,
    onProgress,
    onCheck,
    onServer,
    clock,
  });
}
