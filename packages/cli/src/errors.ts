import { optionChecks } from '@ceres/internal';

/** Says why a command line was refused. A restore, a verification or a storage that fails has its own package's error. */
export type CliErrorCode = 'INVALID_OPTIONS'; // refused before any I/O on the backup or the server

/** The one error of this package. The message never repeats what may be a secret. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

export const check = optionChecks((message) => new CliError('INVALID_OPTIONS', message));
