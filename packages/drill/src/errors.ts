import { optionChecks } from '@ceres/internal';

/** Says why there was no drill, or why a certificate is not to be believed. What a drill finds is its verdict, and no error. */
export type DrillErrorCode =
  | 'INVALID_OPTIONS' // an unknown or impossible option, refused before any I/O
  | 'NO_INFLUXD' // no program that is InfluxDB 1.x was found
  | 'SERVER_NOT_STARTED' // the throwaway server did not start, or found no free port
  | 'SCRATCH_REFUSED' // the scratch server holds something, is the server that was backed up, or is in use by another drill
  | 'WORK_FOLDER' // the folder for the throwaway server cannot be made or written
  | 'NO_SPACE' // the disk has less room than the restored data and the work on it may need
  | 'CERTIFICATE_NOT_STORED' // the drill is over, and its certificate could not be stored
  | 'CERTIFICATE_INVALID' // it is no certificate, or one of a later version
  | 'CERTIFICATE_ALTERED' // its content is not what was certified
  | 'CERTIFICATE_UNSIGNED' // a key is given, and the certificate has no signature
  | 'CERTIFICATE_OTHER_KEY'; // it was signed by another key than the one that is given

/** The only error class of `@ceres/drill`. Its message says what happened, to what, and what to do next. */
export class DrillError extends Error {
  override readonly name = 'DrillError';
  readonly code: DrillErrorCode;

  constructor(code: DrillErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Checks what is passed to this package. */
export const check: ReturnType<typeof optionChecks> = optionChecks(
  (message) => new DrillError('INVALID_OPTIONS', message),
);
