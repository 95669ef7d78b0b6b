import { check } from './checks';
import { type ResolvedWatch, resolveWatch, type WatchOptions, watchNames } from './watch';

/** The options of `diagnose`. Whole databases are looked at, at all times of points. */
export interface DiagnoseOptions
  extends Omit<WatchOptions, 'stateFile' | 'periodMs' | 'graceMs' | 'patienceMs' | 'onEvent'> {}

/** The validated options of a diagnosis. */
export interface ResolvedDiagnose extends Pick<ResolvedWatch, 'comparison' | 'to' | 'accept'> {}

const ownNames = ['stateFile', 'periodMs', 'graceMs', 'patienceMs', 'onEvent'];

/** @throws RestoreError `INVALID_OPTIONS` */
export function resolveDiagnose(options: DiagnoseOptions): ResolvedDiagnose {
  check.names(
    'diagnose()',
    options,
    watchNames.filter((name) => !ownNames.includes(name)),
  );
  const { comparison, to, accept } = resolveWatch({ waitMs: 0, ...options, stateFile: 'none' });
  return { comparison, to, accept };
}
