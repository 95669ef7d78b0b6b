import { tmpdir } from 'node:os';
import { type Clock, systemClock } from '@ceres/internal';
import type { PolicySchema, Precision } from '@ceres/lineproto';
import { check, checkCallback, checkPolicies, checkPrecision, checkThreads } from './checks';
import { NameMap } from './name-map';
import type { RestoreProgress } from './restore';

/** Says how a plan is compiled into a portable backup of InfluxDB. */
export interface CompileOptions {
  /** The folder that `influxd restore -portable` is to load: an empty one, or one to create. */
  readonly out: string;
  /** The folder for records that InfluxDB would refuse: one file per source file, under the source file's key. */
  readonly rejectsDir: string;
  /** The largest number of refused records: one more stops the compiling with `TOO_MANY_REJECTS`. Default: no limit. */
  readonly rejectsMax?: number;
  /**
   * Part `index` (from 0) of `of`, divided by time, so that several machines compile one database. The folders of all parts are copied into
   * one. Each part needs the same plan.
   */
  readonly shard?: { readonly index: number; readonly of: number };
  /** What records may take in memory, in bytes, at least 16 MiB. What does not fit goes to the scratch folder. Default: 512 MiB. */
  readonly memoryBytes?: number;
  /** The threads that work, the one of the caller included; with 1, there is no other. Default: the number of cores, at most 4. */
  readonly threads?: number;
  /** The folder for what does not fit into memory and for files before they are packed. Default: the system's temporary folder. */
  readonly scratchDir?: string;
  /** Receives what can be read of damaged files, as in a restore. */
  readonly salvageDamaged?: string;
  /** The folder with salvaged files. Each is used in place of the damaged file with its key. */
  readonly includeSalvaged?: string;
  /** Maps a database's name in the backup to its name on the server. */
  readonly mapDatabase?: Readonly<Record<string, string>>;
  /** Maps a policy's name in the backup to its name on the server; `''` is the default policy. */
  readonly mapRetentionPolicy?: Readonly<Record<string, string>>;
  /** Describes policies, as in a restore. It takes precedence over what the files say. */
  readonly policies?: Readonly<Record<string, PolicySchema>>;
  /** The unit of timestamps in files that do not name one. Default: `s`. */
  readonly precision?: Precision;
  /** Stops, and rejects with the signal's reason. Nothing is resumed, and what was written is removed: compile again. */
  readonly signal?: AbortSignal;
  /** Called a few times a second while something happens. */
  readonly onProgress?: (progress: RestoreProgress) => void;
  /** Time, as tests inject it. */
  readonly clock?: Clock;
}

const names = [
  'out',
  'rejectsDir',
  'rejectsMax',
  'shard',
  'memoryBytes',
  'threads',
  'scratchDir',
  'salvageDamaged',
  'includeSalvaged',
  'mapDatabase',
  'mapRetentionPolicy',
  'policies',
  'precision',
  'signal',
  'onProgress',
  'clock',
] as const satisfies readonly (keyof CompileOptions)[];

/** Validated options. */
export interface ResolvedCompile {
  readonly out: string;
  readonly rejectsDir: string;
  readonly rejectsMax: number;
  readonly shard: { readonly index: number; readonly of: number };
  readonly memoryBytesMax: number;
  readonly threads: number;
  readonly scratchDir: string;
  readonly salvageDamaged: string | undefined;
  readonly includeSalvaged: string | undefined;
  readonly map: NameMap;
  readonly policies: Readonly<Record<string, PolicySchema>>;
  readonly precision: Precision;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: RestoreProgress) => void) | undefined;
  readonly clock: Clock;
}

const MIB = 1024 * 1024;
const memoryBytesDefault = 512 * MIB;
const memoryBytesMin = 16 * MIB;

/** @throws RestoreError `INVALID_OPTIONS` */
export function resolveCompile(options: CompileOptions): ResolvedCompile {
  check.names('compile()', options, names);
  const { shard = { index: 0, of: 1 }, salvageDamaged, includeSalvaged, policies = {}, signal, onProgress } = options;
  check.names('shard', shard, ['index', 'of']);
  const isShard =
    Number.isSafeInteger(shard.index) && Number.isSafeInteger(shard.of) && shard.index >= 0 && shard.index < shard.of;
  check.that(isShard, 'shard', 'two whole numbers, `index` from 0 to `of` - 1', shard);
  checkPolicies(policies);
  checkCallback('onProgress', onProgress);
  check.signal(signal);
  const memory = { min: memoryBytesMin, max: Number.MAX_SAFE_INTEGER, unit: 'bytes' };
  return Object.freeze({
    out: check.text('out', options.out, 'compiled'),
    rejectsDir: check.text('rejectsDir', options.rejectsDir, 'rejects'),
    rejectsMax: check.wholeNumber('rejectsMax', options.rejectsMax ?? Infinity, { min: 0, max: Infinity }),
    shard,
    memoryBytesMax: check.wholeNumber('memoryBytes', options.memoryBytes ?? memoryBytesDefault, memory),
    threads: checkThreads('threads', options.threads),
    scratchDir: check.text('scratchDir', options.scratchDir ?? tmpdir()),
    salvageDamaged: salvageDamaged === undefined ? undefined : check.text('salvageDamaged', salvageDamaged, 'salvage'),
    includeSalvaged:
      includeSalvaged === undefined ? undefined : check.text('includeSalvaged', includeSalvaged, 'salvage'),
    map: new NameMap(options.mapDatabase, options.mapRetentionPolicy),
    policies,
    precision: checkPrecision(options.precision ?? 's'),
    signal,
    onProgress,
    clock: options.clock ?? systemClock,
  });
}
