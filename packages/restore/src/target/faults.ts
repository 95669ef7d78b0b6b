import { InfluxHttpError } from '@ceres/influx-http';
import { RestoreError, type RestoreErrorCode } from '../errors';

const forbidden = /not authorized|authorization failed|requires admin|unable to parse authentication/i;

/** @returns what the target did as our error; anything else as it is */
export function asTargetFault(error: unknown, url: string): unknown {
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
  return code === 'INVALID_OPTIONS' || code === 'CLOSED' ? 'INVALID_OPTIONS' : 'TARGET_UNSUPPORTED';
}
