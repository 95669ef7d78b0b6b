import { tmpdir } from 'node:os';
import type { InfluxServer } from '@ceres/influx-http';
import { type Clock, systemClock } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';
import type { Selection } from '../plan/types';
import type { ServerEvent } from '../progress/server-watch';
import { type StepProgress, Steps } from '../progress/steps';
import { check, checkCallback, checkPrecision, checkServer } from './checks';
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
   * The folder that keeps 24 bytes for each value during the comparison, if there are more than about 25 MB. Default: the
   * system's temporary folder.
   */
  readonly scratchDir?: string;
  /**
   * How long to wait for running sinks to store what they acked before the comparison, in ms, where backup and database differ. Until
   * they have, a difference may be a file that is late. Default: 0.
   */
  readonly waitMs?: number;
  /** Called once when the server stops answering, and once when it answers again. */
  readonly onServer?: (event: ServerEvent) => void;
  /** Time, as tests inject it. */
  readonly clock?: Clock;
}

interface ProgressOptions {
  /** Called a few times a second while something happens. */
  readonly onProgress?: (progress: StepProgress) => void;
}

/**
 * The options of `verify`. Level `files` reads only the backup, `counts` compares the number of points by measurement and
 * field, and `content` compares every value. Default: `counts`.
 */
export type VerifyOptions = Selection &
  ProgressOptions &
  ({ readonly level: 'files' } | ({ readonly level?: 'counts' | 'content' } & ComparisonOptions));

export type ResolvedVerify =
  | { readonly level: 'files'; readonly selection: ResolvedSelection; readonly steps: Steps }
  | (ResolvedComparison & { readonly selection: ResolvedSelection });

/** The validated options of a comparison with a server. */
export interface ResolvedComparison {
  readonly level: 'counts' | 'content';
  readonly to: InfluxServer;
  readonly map: NameMap;
  readonly precision: Precision;
  readonly scratchDir: string;
  /** The number of differing values to name. */
  readonly pointsMax: number;
  readonly waitMs: number;
  readonly onServer: ((event: ServerEvent) => void) | undefined;
  readonly steps: Steps;
  readonly clock: Clock;
}

const levels = ['files', 'counts', 'content'] as const;

const comparisonNames = [
  'to',
  'mapDatabase',
  'mapRetentionPolicy',
  'precision',
  'scratchDir',
  'points',
  'waitMs',
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
  const { level = 'counts', to, precision = 's', scratchDir = tmpdir(), points = 0, clock = systemClock } = options;
  checkCallback('onServer', options.onServer);
  return {
    level,
    selection,
    to: checkServer(to),
    map: new NameMap(options.mapDatabase, options.mapRetentionPolicy),
    precision: checkPrecision(precision),
    scratchDir: check.text('scratchDir', scratchDir),
    pointsMax: check.wholeNumber('points', points, { min: 0, max: pointsMax }),
    waitMs: check.number('waitMs', options.waitMs ?? 0, { min: 0, max: Infinity, unit: 'milliseconds' }),
    onServer: options.onServer,
    steps: new Steps(clock, options.onProgress),
    clock,
  };
}
