import { optionChecks } from '@ceres/internal';
import { SinkError } from '../errors';

/** Checks what callers pass to this package. Throws a `SinkError` with the code `INVALID_OPTIONS`. */
export const check = optionChecks((message) => new SinkError('INVALID_OPTIONS', message));
