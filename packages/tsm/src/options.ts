import { type OptionChecks, optionChecks } from '@ceres/internal';
import { TsmError } from './errors';

/** Checks what is passed to this package. */
export const check: OptionChecks = optionChecks((message) => new TsmError('INVALID_OPTIONS', message));
