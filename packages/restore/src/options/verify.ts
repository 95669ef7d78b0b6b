import { tmpdir } from 'node:os';
import type { InfluxServer } from '@ceres/influx-http';
import { type Clock, systemClock } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';
import type { Selection } from '../plan/types';
import type { ComparisonOptions, VerifyOptions } from '../verify/types';
import { checkServer, refuseUnknown, require, wholeNumber } from './checks';
import { TargetNames } from './name-map';
import { checkPrecision } from './restore';
import { type ResolvedSelection, resolveSelection, selectionKeys } from './selection';

export type ResolvedVerify =
  | { readonly level: 'files'; readonly selection: ResolvedSelection }
  | (ResolvedComparison & { readonly selection: ResolvedSelection });

export interface ResolvedComparison {
  readonly level: 'counts' | 'content';
  readonly target: InfluxServer;
  readonly map: TargetNames;
  readonly precision: Precision;
  readonly scratchDir: string;
  readonly differingPointsMax: number;
  readonly clock: Clock;
}

const comparisonKeys = [
  'target',
  'mapDatabase',
  'mapRetentionPolicy',
  'precision',
  'scratchDir',
  'differingPointsMax',
  'clock',
] as const satisfies readonly (keyof ComparisonOptions)[];

/** @throws RestoreError `INVALID_OPTIONS` */
export function resolveVerify(options: VerifyOptions): ResolvedVerify {
  const { level = 'counts', ...rest } = options;
  require(levels.includes(level), `level is '${level}', but must be one of ${levels.join(', ')}.`);
  const known = level === 'files' ? selectionKeys : [...selectionKeys, ...comparisonKeys];
  refuseUnknown(rest, known, `verify() at level ${level}`);
  const selection = resolveSelection(pick(rest, selectionKeys) as Selection);
  if (level === 'files') return { level, selection };
  const { target, mapDatabase, mapRetentionPolicy, ...others } = pick(rest, comparisonKeys) as ComparisonOptions;
  require(target !== undefined, `verify() at level ${level} needs a target: { url: 'http://127.0.0.1:8086' }.`);
  return {
    level,
    selection,
    target: checkServer(target),
    map: new TargetNames(mapDatabase, mapRetentionPolicy),
    precision: checkPrecision(others.precision),
    scratchDir: others.scratchDir ?? tmpdir(),
    differingPointsMax: wholeNumber('differingPointsMax', others.differingPointsMax, {
      min: 0,
      max: 1_000_000,
      fallback: 0,
    }),
    clock: others.clock ?? systemClock,
  };
}

const levels: readonly string[] = ['files', 'counts', 'content'];

function pick(options: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(options).filter(([key]) => keys.includes(key)));
}
