import { optionChecks } from '@ceres/internal';
import { StorageError } from './errors';

/** Checks options; every refusal is a `StorageError` with the code `INVALID_OPTIONS`. */
export const check = optionChecks((message) => new StorageError('INVALID_OPTIONS', message));
