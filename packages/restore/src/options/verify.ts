import { tmpdir } from 'node:os';
import type { InfluxServer } from '@ceres/influx-http';
import { type Clock, fullSpeed, type Pace, systemClock } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';
import type { Selection } from '../plan/types';
import type { ServerEvent } from '../progress/server-watch';
import { type StepProgress, Steps } from '../progress/steps';
import { check, checkCallback, checkPrecision, checkServer, checkThreads, isServiceUrl } from './checks';
import { NameMap } from './name-map';
import { type ResolvedSelection, resolveSelection, selectionNames } from './selection';

/** The options of a comparison with a server. */
export interface ComparisonOptions {
  /** The server to compare with. */
  readonly to: InfluxServer;
  /** Maps a database's name in the backup to its name on the server. */
  readonly mapDatabase?: Readonly<Record<string, string>>;
  /** Maps a policy's name in the backup to its name on the server. The empty name is the default policy. */
  readonly mapRetentionPolicy?: Readonly<Record<string, string>>;
  /** The unit of timestamps in files that do not name one. Default: `s`. */
  readonly precision?: Precision;
  /** The number of differing values to name. To find them, both sides are read once more where they differ. Default: 0. */
  readonly points?: number;
  /**
   * The folder that keeps 20 bytes for each record and 8 for each value during the comparison, if there are more than about 32 MB; with
   * `snapshot`, also the largest shard. Default: the system's temporary folder.
   */
  readonly scratchDir?: string;
  /**
   * How long to wait for running sinks to store what they acked before the comparison, in ms, where backup and database differ. Until
   * they have, a difference may be a file that is late. Default: 0.
   */
  readonly waitMs?: number;
  /**
   * Reads the database's side from files instead of queries, at level `content`: the snapshot service of the server, such as
   * `tcp://127.0.0.1:8088`, a folder that `influxd backup -portable` made, or the data directory of a server that is stopped. Both ways
   * give the same verdict; this one takes almost nothing of the server's CPU. Default: queries.
   */
  readonly snapshot?: string;
  /** The threads that work, the one of the caller included; with 1, there is no other. Default: the number of cores, at most 4. */
  readonly threads?: number;
  /** Also returns a digest of what the database holds of each policy, at level `content`. Default: false. */
  readonly digests?: boolean;
  /** Called once when the server stops answering, and once when it answers again. */
  readonly onServer?: (event: ServerEvent) => void;
  /** Time, as tests inject it. */
  readonly clock?: Clock;
}

/** The options of a comparison with files of a server that may be stopped. */
export interface FolderComparisonOptions extends Omit<ComparisonOptions, 'to' | 'snapshot'> {
  /** The folder. */
  readonly snapshot: string;
  /** The server that the folder must be of. Default: none is asked. */
  readonly to?: InfluxServer;
}

/** What reports how far a comparison has come. */
export interface ProgressOptions {
  /** Called a few times a second while something happens. */
  readonly onProgress?: (progress: StepProgress) => void;
}

/**
 * The options of `verify`. Level `files` reads only the backup, `counts` compares the number of points by measurement and
 * field, and `content` compares every value. Default: `counts`.
 */
export type VerifyOptions = Selection &
  ProgressOptions &
  (
    | { readonly level: 'files' }
    | ({ readonly level?: 'counts' | 'content' } & ComparisonOptions)
    | ({ readonly level: 'content' } & FolderComparisonOptions)
  );

export type ResolvedVerify =
  | { readonly level: 'files'; readonly selection: ResolvedSelection; readonly steps: Steps }
  | (ResolvedComparison & { readonly selection: ResolvedSelection });

/** The validated options of a comparison with a server. */
export interface ResolvedComparison {
  readonly level: 'counts' | 'content';
  /** Absent only with a folder as `snapshot`. */
  readonly to: InfluxServer | undefined;
  readonly snapshot: string | undefined;
  readonly threads: number;
  readonly digests: boolean;
  readonly map: NameMap;
  readonly precision: Precision;
  readonly scratchDir: string;
  /** The number of differing values to name. */
  readonly pointsMax: number;
  readonly waitMs: number;
  readonly onServer: ((event: ServerEvent) => void) | undefined;
  readonly steps: Steps;
  readonly pace: Pace;
  readonly clock: Clock;
}

const levels = ['files', 'counts', 'content'] as const;

export const comparisonNames = [
  'to',
  'mapDatabase',
  'mapRetentionPolicy',
  'precision',
  'scratchDir',
  'points',
  'waitMs',
  'snapshot',
  'threads',
  'digests',
  'onServer',
  'clock',
] as const satisfies readonly (keyof ComparisonOptions)[];

const pointsMax = 1_000_000;

/** @throws RestoreError `INVALID_OPTIONS` */
export function resolveVerify(options: VerifyOptions): ResolvedVerify {
  const isOfFiles = options?.level === 'files';
  check.names(isOfFiles ? "verify() at level 'files'" : 'verify()', options, [
    'level',
    'onProgress',
    ...selectionNames,
    ...(isOfFiles ? [] : comparisonNames),
  ]);
  check.oneOf('level', options.level ?? 'counts', levels);
  const selection = resolveSelection(options);
  checkCallback('onProgress', options.onProgress);
  if (options.level === 'files')
    return { level: 'files', selection, steps: new Steps(systemClock, options.onProgress) };
  const {
    level = 'counts',
    to,
    snapshot,
    precision = 's',
    scratchDir = tmpdir(),
    points = 0,
    clock = systemClock,
  } = options;
  checkCallback('onServer', options.onServer);
  checkSnapshot(level, snapshot);
  return {
    level,
    selection,
    to:
      to === undefined && snapshot !== undefined && !isServiceUrl(snapshot)
        ? undefined
        : checkServer(to as InfluxServer),
    snapshot,
    threads: checkThreads('threads', options.threads),
    digests: checkDigests(level, options.digests),
    map: new NameMap(options.mapDatabase, options.mapRetentionPolicy),
    precision: checkPrecision(precision),
    scratchDir: check.text('scratchDir', scratchDir),
    pointsMax: check.wholeNumber('points', points, { min: 0, max: pointsMax }),
    waitMs: check.number('waitMs', options.waitMs ?? 0, { min: 0, max: Infinity, unit: 'milliseconds' }),
    onServer: options.onServer,
    steps: new Steps(clock, options.onProgress),
    pace: fullSpeed,
    clock,
  };
}

function checkDigests(level: ResolvedComparison['level'], digests = false): boolean {
  check.flag('digests', digests);
  check.that(
    !digests || level === 'content',
    'level',
    "'content' with `digests`, since no other reads every value",
    level,
  );
  return digests;
}

function checkSnapshot(level: ResolvedComparison['level'], snapshot: string | undefined): void {
  if (snapshot === undefined) return;
  check.text('snapshot', snapshot, 'tcp://127.0.0.1:8088');
  const forms = "the URL of a snapshot service, such as 'tcp://127.0.0.1:8088', or a folder";
  const isKnown = isServiceUrl(snapshot) || !/^[a-z][a-z\d+.-]+:\/\//i.test(snapshot);
  check.that(isKnown, 'snapshot', forms, snapshot);
  check.that(level === 'content', 'level', "'content' with `snapshot`, which has no counts that are cheaper", level);
}
