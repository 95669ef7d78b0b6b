import { tmpdir } from 'node:os';
import type { InfluxServer } from '@ceres/influx-http';
import { type Clock, systemClock } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';
import type { ComparisonOptions, VerifyOptions } from '../verify/types';
import { check, checkPrecision, checkServer } from './checks';
import { NameMap } from './name-map';
import { type ResolvedSelection, resolveSelection, selectionNames } from './selection';

export type ResolvedVerify =
  | { readonly level: 'files'; readonly selection: ResolvedSelection }
  | (ResolvedComparison & { readonly selection: ResolvedSelection });

/** The validated options of a comparison with a server. */
export interface ResolvedComparison {
  readonly level: 'counts' | 'content';
  readonly to: InfluxServer;
  readonly map: NameMap;
  readonly precision: Precision;
  readonly scratchDir: string;
  /** How many of the values that differ are named. */
  readonly pointsMax: number;
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
  'clock',
] as const satisfies readonly (keyof ComparisonOptions)[];

const pointsMax = 1_000_000;

/** @throws RestoreError `INVALID_OPTIONS` */
export function resolveVerify(options: VerifyOptions): ResolvedVerify {
  const isOfFiles = options?.level === 'files';
  check.names(isOfFiles ? "verify() at level 'files'" : 'verify()', options, [
    'level',
    ...selectionNames,
    ...(isOfFiles ? [] : comparisonNames),
  ]);
  check.oneOf('level', options.level ?? 'counts', levels);
  const selection = resolveSelection(options);
  if (options.level === 'files') return { level: 'files', selection };
  const { level = 'counts', to, precision = 's', scratchDir = tmpdir(), points = 0, clock = systemClock } = options;
  return {
    level,
    selection,
    to: checkServer(to),
    map: new NameMap(options.mapDatabase, options.mapRetentionPolicy),
    precision: checkPrecision(precision),
    scratchDir: check.text('scratchDir', scratchDir),
    pointsMax: check.wholeNumber('points', points, { min: 0, max: pointsMax }),
    clock,
  };
}
