import { fullSpeed, Pace } from '@ceres/internal';
import type { Selection } from '../plan/types';
import type { WatchEvent } from '../watch/types';
import { check, checkCallback, checkTexts, isServiceUrl } from './checks';
import { waitMsDefault } from './heal';
import { selectionNames } from './selection';
import {
  type ComparisonOptions,
  comparisonNames,
  type ProgressOptions,
  type ResolvedComparison,
  type ResolvedVerify,
  resolveVerify,
} from './verify';

/** The options of `watch`. Whole databases are watched, at all times of points. */
export interface WatchOptions
  extends Pick<Selection, 'storage' | 'instance' | 'databases' | 'keepMs' | 'retired' | 'signal'>,
    Omit<ComparisonOptions, 'points' | 'digests' | 'threads'>,
    ProgressOptions {
  /** The file that says what was compared when. Without it, or without what it says, everything is compared. */
  readonly stateFile: string;
  /** Everything is compared once in this time, in ms. Default: 7 days. */
  readonly periodMs?: number;
  /** How long a sink may be late or silent before that is an alarm, in ms. Default: an hour, and at most a quarter of the period. */
  readonly graceMs?: number;
  /** How long one comparison is tried again while the server is away, in ms. Default: one minute. */
  readonly patienceMs?: number;
  /** How much of the time its threads work, in percent: they pause in between, for the sake of live writes. With 100 they never pause. Default: 25. */
  readonly load?: number;
  /** The threads that work, the one of the caller included. Default: 1. */
  readonly threads?: number;
  /** The names of findings and alarms that are known: they are no alarm. Default: none. */
  readonly accept?: readonly string[];
  /** Is called for each event as it happens. */
  readonly onEvent?: (event: WatchEvent) => void;
}

/** The validated options of a watch. */
export interface ResolvedWatch {
  readonly comparison: ResolvedComparison & Pick<Exclude<ResolvedVerify, { level: 'files' }>, 'selection'>;
  readonly to: NonNullable<ResolvedComparison['to']>;
  readonly stateFile: string;
  readonly periodMs: number;
  readonly graceMs: number;
  readonly patienceMs: number;
  readonly accept: ReadonlySet<string>;
  readonly onEvent: (event: WatchEvent) => void;
}

const ownNames = [
  'stateFile',
  'periodMs',
  'graceMs',
  'patienceMs',
  'load',
  'accept',
  'onEvent',
] as const satisfies readonly (keyof WatchOptions)[];

const leftOut = new Set([
  'retentionPolicies',
  'measurements',
  'from',
  'until',
  'openedFrom',
  'openedBefore',
  'exclude',
  'shard',
  'points',
  'digests',
]);

/** The names of all options of a watch. */
export const watchNames: readonly string[] = [
  ...[...selectionNames, ...comparisonNames].filter((name) => !leftOut.has(name)),
  ...ownNames,
  'onProgress',
];

const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** @throws RestoreError `INVALID_OPTIONS` */
export function resolveWatch(options: WatchOptions): ResolvedWatch {
  check.names('watch()', options, watchNames);
  const { stateFile, accept = [], periodMs = 7 * dayMs, snapshot, waitMs = waitMsDefault } = options;
  const { threads = 1, load = 25 } = options;
  const isLive = snapshot === undefined || isServiceUrl(snapshot);
  check.that(isLive, 'snapshot', 'the snapshot service of the server that is watched, not a folder', snapshot);
  const compared = Object.fromEntries(
    Object.entries(options).filter(([name]) => !(ownNames as readonly string[]).includes(name)),
  ) as unknown as Omit<WatchOptions, (typeof ownNames)[number]>;
  const comparison = resolveVerify({ ...compared, level: 'content', waitMs, threads });
  if (comparison.level === 'files' || comparison.to === undefined) throw new TypeError('a watch has a server');
  checkCallback('onEvent', options.onEvent);
  const unit = 'milliseconds';
  check.number('periodMs', periodMs, { min: 1_000, max: Number.MAX_SAFE_INTEGER, unit });
  const { graceMs = Math.min(hourMs, periodMs / 4), patienceMs = 60_000, onEvent } = options;
  check.number('load', load, { min: 0.01, max: 100, unit: 'percent' });
  const pace = load === 100 ? fullSpeed : new Pace(load * comparison.threads, comparison.clock);
  return {
    comparison: { ...comparison, pace },
    to: comparison.to,
    stateFile: check.text('stateFile', stateFile, 'influxdb-0.watch.json'),
    periodMs,
    graceMs: check.number('graceMs', graceMs, { min: 0, max: Number.MAX_SAFE_INTEGER, unit }),
    patienceMs: check.number('patienceMs', patienceMs, { min: 0, max: Number.MAX_SAFE_INTEGER, unit }),
    accept: checkTexts('accept', accept, 'a list of names of findings and alarms, as `ceres watch` shows them'),
    onEvent: onEvent ?? (() => undefined),
  };
}
