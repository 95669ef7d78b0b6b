import { type OptionChecks, optionChecks } from '@ceres/internal';
import { SeedError } from './errors';

/** Checks what is passed to this package. */
export const check: OptionChecks = optionChecks((message) => new SeedError('INVALID_OPTIONS', message));
