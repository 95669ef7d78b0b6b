import { optionChecks } from '@ceres/internal';

/** Says why a command failed. A restore, a verification or a storage that fails has its own package's error. */
export type CliErrorCode =
  | 'INVALID_OPTIONS' // refused before any I/O on the backup or the server
  | 'METRICS_UNWRITABLE'; // the file for metrics cannot be written

/** The one error of this package. The message never repeats what may be a secret. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Returns what a person reads of an error: its message, with the code where it has one. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return hasCode(error) ? `${error.message} (${error.code})` : error.message;
}

/** Returns whether an error has a code, as those of all packages have. */
export function hasCode(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

export const check = optionChecks((message) => new CliError('INVALID_OPTIONS', message));
