import { InfluxHttpError } from '@ceres/influx-http';
import { StorageError } from '@ceres/storage';
import { RestoreError, type RestoreErrorCode } from '../errors';

const forbidden = /not authorized|authorization failed|requires admin|unable to parse authentication/i;

/** What node-influx failed at. It has no class for what it throws, and puts the status into the text. */
export class StatementFault extends Error {
  /** Never `INVALID_OPTIONS`: a statement is run once something may have been changed. */
  readonly code: 'TARGET_QUERY_FAILED' | 'TARGET_DENIED' | 'TARGET_UNREACHABLE';
  readonly retryable: boolean;

  constructor(statement: string, reason: string) {
    super(`'${statement}' failed (${reason})`);
    const isDenied = forbidden.test(reason) || /^A 40[13] /.test(reason);
    // A status below 500, or an error that stands in the answer: InfluxDB has understood and will not.
    const isRefused = /^A 4\d\d /.test(reason) || reason.startsWith('Error from InfluxDB');
    this.code = isDenied ? 'TARGET_DENIED' : isRefused ? 'TARGET_QUERY_FAILED' : 'TARGET_UNREACHABLE';
    this.retryable = this.code === 'TARGET_UNREACHABLE';
  }
}

/** @returns what the target did as our error; anything else as it is */
export function asTargetFault(error: unknown, url: string): unknown {
  if (error instanceof StatementFault) return targetFault(error.code, url, error.message);
  if (error instanceof StorageError) return targetFault('TARGET_UNREACHABLE', url, 'it does not answer', error.cause);
  if (!(error instanceof InfluxHttpError)) return error;
  return targetFault(codeOf(error), url, error.message, error);
}

/** The one place that says what to do about each fault of a target. */
export function targetFault(
  code: Extract<RestoreErrorCode, `TARGET_${string}` | 'INVALID_OPTIONS'>,
  url: string,
  reason: string,
  cause?: unknown,
): RestoreError {
  const todo = {
    TARGET_QUERY_FAILED:
      'Mend what InfluxDB names, such as a limit of its own configuration, and run the command again.',
    TARGET_UNREACHABLE: 'See that it runs, then run the same command again: what is journaled is not repeated.',
    TARGET_DENIED: 'Give the credentials of an InfluxDB admin: a restore creates databases and policies.',
    TARGET_UNSUPPORTED: 'A restore needs InfluxDB 1.x: check the URL.',
    TARGET_NOT_EMPTY: '',
    INVALID_OPTIONS: '',
  }[code];
  return new RestoreError(code, `The target ${url}: ${reason}. ${todo}`.trim(), { cause });
}

function codeOf({ code, message }: InfluxHttpError): Extract<RestoreErrorCode, `TARGET_${string}` | 'INVALID_OPTIONS'> {
  if (code === 'UNREACHABLE' || code === 'TIMEOUT' || code === 'SERVER_FAULT') return 'TARGET_UNREACHABLE';
  if (code === 'UNAUTHORIZED' || forbidden.test(message)) return 'TARGET_DENIED';
  if (code === 'QUERY_FAILED') return 'TARGET_QUERY_FAILED';
  return code === 'INVALID_OPTIONS' || code === 'CLOSED' ? 'INVALID_OPTIONS' : 'TARGET_UNSUPPORTED';
}
