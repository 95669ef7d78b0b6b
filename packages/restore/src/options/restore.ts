import type { InfluxServer } from '@ceres/influx-http';
import { type Clock, systemClock } from '@ceres/internal';
import type { PolicySchema, Precision } from '@ceres/lineproto';
import { checkServer, flag, refuseUnknown, require, shownUrl, text, wholeNumber } from './checks';
import { TargetNames } from './name-map';

export interface RestoreProgress {
  /** Done, those of earlier runs included. */
  readonly files: number;
  readonly filesTotal: number;
  /** Stored, in those of earlier runs too. */
  readonly lines: number;
  /** Compressed, as in the plan. */
  readonly bytes: number;
  readonly bytesTotal: number;
  /** Of the last few seconds. */
  readonly linesPerSecond: number;
  /** `undefined` until there is something to judge by. */
  readonly etaMs: number | undefined;
}

export interface RestoreOptions {
  readonly target: InfluxServer;
  /** File; a later call with the same plan and journal resumes. */
  readonly journal: string;
  /** Folder for the records that the target will not take: one file per source file, under the source file's key. */
  readonly rejects: string;
  /** Writes in flight at most; records of one series never are in two of them. Default 4. */
  readonly lanes?: number;
  readonly linesPerSecondMax?: number;
  /** How long one write is tried again while the target is down or overloaded. Default 10 minutes, a second at least. */
  readonly patienceMs?: number;
  /** Stops with `TOO_MANY_REJECTS` beyond this number. Default: never. */
  readonly rejectsMax?: number;
  /** First drops the shards of the planned policies. */
  readonly wipe?: boolean;
  /** Writes also where the target holds points already. */
  readonly intoExisting?: boolean;
  /** Source database → target database. */
  readonly mapDatabase?: Readonly<Record<string, string>>;
  /** Source policy → target policy; `''` is the default policy. */
  readonly mapRetentionPolicy?: Readonly<Record<string, string>>;
  /** How to create policies that the target lacks, by target name, `policy` or `database/policy`; before what the files say. */
  readonly policies?: Readonly<Record<string, PolicySchema>>;
  /** Of files that do not say theirs. Default `s`. */
  readonly precision?: Precision;
  /** Stops reading, finishes the writes in flight, and rejects with the signal's reason; the journal resumes. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RestoreProgress) => void;
  /** For tests. */
  readonly clock?: Clock;
}

const keys = [
  'target',
  'journal',
  'rejects',
  'lanes',
  'linesPerSecondMax',
  'patienceMs',
  'rejectsMax',
  'wipe',
  'intoExisting',
  'mapDatabase',
  'mapRetentionPolicy',
  'policies',
  'precision',
  'signal',
  'onProgress',
  'clock',
] as const satisfies readonly (keyof RestoreOptions)[];

/** All that the inside sees of the options. */
export interface ResolvedRestore {
  readonly target: InfluxServer;
  /** Without credentials: what the journal and messages name. */
  readonly targetUrl: string;
  readonly journal: string;
  readonly rejects: string;
  readonly lanes: number;
  readonly linesPerSecondMax: number;
  readonly patienceMs: number;
  readonly rejectsMax: number;
  readonly wipe: boolean;
  readonly intoExisting: boolean;
  readonly map: TargetNames;
  readonly policies: Readonly<Record<string, PolicySchema>>;
  readonly precision: Precision;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: RestoreProgress) => void) | undefined;
  readonly clock: Clock;
}

const lanesMax = 64;
const defaultLanes = 4;
const defaultPatienceMs = 600_000;
/** It covers the first attempt as well: with less, a server that is well would be given up. */
const patienceMsMin = 1_000;
const precisions: readonly string[] = ['ns', 'us', 'ms', 's', 'm', 'h'] satisfies Precision[];

/** @throws RestoreError `INVALID_OPTIONS` */
export function resolveRestore(options: RestoreOptions): ResolvedRestore {
  refuseUnknown(options, keys, 'restore()');
  const { target, wipe, intoExisting, onProgress } = options;
  require(onProgress === undefined || typeof onProgress === 'function', 'onProgress must be a function.');
  return Object.freeze({
    target: checkServer(target),
    targetUrl: shownUrl(target),
    journal: text('journal', options.journal),
    rejects: text('rejects', options.rejects),
    lanes: wholeNumber('lanes', options.lanes, { min: 1, max: lanesMax, fallback: defaultLanes }),
    linesPerSecondMax: wholeNumber('linesPerSecondMax', options.linesPerSecondMax, unlimited(1)),
    patienceMs: wholeNumber('patienceMs', options.patienceMs, {
      ...{ min: patienceMsMin, max: Infinity, fallback: defaultPatienceMs },
    }),
    rejectsMax: wholeNumber('rejectsMax', options.rejectsMax, unlimited(0)),
    wipe: flag('wipe', wipe),
    intoExisting: flag('intoExisting', intoExisting),
    map: new TargetNames(options.mapDatabase, options.mapRetentionPolicy),
    policies: options.policies ?? {},
    precision: checkPrecision(options.precision),
    signal: options.signal,
    onProgress,
    clock: options.clock ?? systemClock,
  });
}

/** @throws RestoreError `INVALID_OPTIONS` */
export function checkPrecision(precision: Precision = 's'): Precision {
  require(precisions.includes(precision), `precision is '${precision}', but must be one of ${precisions.join(', ')}.`);
  return precision;
}

function unlimited(min: number) {
  return { min, max: Infinity, fallback: Infinity };
}
