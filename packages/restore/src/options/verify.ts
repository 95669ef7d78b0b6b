import type { InfluxServer } from '@ceres/influx-http';
import type { Precision } from '@ceres/lineproto';
import type { VerifyOptions } from '../verify/types';
import { refuseUnknown, require } from './checks';
import { checkPrecision } from './restore';
import { type ResolvedSelection, resolveSelection, selectionKeys } from './selection';
import { checkServer, TargetNames } from './target';

export type ResolvedVerify =
  | { readonly level: 'files'; readonly selection: ResolvedSelection }
  | {
      readonly level: 'counts' | 'content';
      readonly selection: ResolvedSelection;
      readonly target: InfluxServer;
      readonly map: TargetNames;
      readonly precision: Precision;
    };

const targetKeys = ['target', 'mapDatabase', 'mapRetentionPolicy', 'precision'] as const;

/** @throws RestoreError `INVALID_OPTIONS` */
export function resolveVerify(options: VerifyOptions): ResolvedVerify {
  const { level = 'counts', ...rest } = options as VerifyOptions & { readonly target?: InfluxServer };
  require(['files', 'counts', 'content'].includes(level), `level is '${level}', but must be files, counts or content.`);
  const known = level === 'files' ? selectionKeys : [...selectionKeys, ...targetKeys];
  refuseUnknown(rest, known, `verify() at level ${level}`);
  const selected = Object.fromEntries(Object.entries(rest).filter(([key]) => selectionKeys.includes(key as never)));
  const selection = resolveSelection(selected as never);
  if (level === 'files') return { level, selection };
  const { target, mapDatabase, mapRetentionPolicy, precision } = rest as {
    target?: InfluxServer;
    mapDatabase?: Readonly<Record<string, string>>;
    mapRetentionPolicy?: Readonly<Record<string, string>>;
    precision?: Precision;
  };
  require(target !== undefined, `verify() at level ${level} needs a target: { url: 'http://127.0.0.1:8086' }.`);
  return {
    level,
    selection,
    target: checkServer(target),
    map: new TargetNames(mapDatabase, mapRetentionPolicy),
    precision: checkPrecision(precision),
  };
}
