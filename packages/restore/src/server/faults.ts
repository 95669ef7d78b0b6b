import { InfluxHttpError } from '@ceres/influx-http';
import { classifyStatementError, isDenial } from '@ceres/influx-http/internal';
import { StorageError } from '@ceres/storage';
import { RestoreError, type RestoreErrorCode } from '../errors';

const statementCodes = {
  UNAUTHORIZED: 'TARGET_DENIED',
  QUERY_FAILED: 'TARGET_QUERY_FAILED',
  UNREACHABLE: 'TARGET_UNREACHABLE',
} as const;

/** A statement that node-influx could not run. */
export class StatementFault extends Error {
  /** Never `INVALID_OPTIONS`: a statement is run once something may have been changed. */
  readonly code: 'TARGET_QUERY_FAILED' | 'TARGET_DENIED' | 'TARGET_UNREACHABLE';
  readonly retryable: boolean;

  constructor(statement: string, reason: string) {
    super(`'${statement}' failed (${reason})`);
    this.code = statementCodes[classifyStatementError(reason)];
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
  return new RestoreError(code, `The target ${url}: ${reason.replace(/\.$/, '')}. ${todo}`.trim(), { cause });
}

function codeOf({ code, message }: InfluxHttpError): Extract<RestoreErrorCode, `TARGET_${string}` | 'INVALID_OPTIONS'> {
  if (code === 'UNREACHABLE' || code === 'TIMEOUT' || code === 'SERVER_FAULT') return 'TARGET_UNREACHABLE';
  if (code === 'UNAUTHORIZED' || isDenial(message)) return 'TARGET_DENIED';
  if (code === 'QUERY_FAILED') return 'TARGET_QUERY_FAILED';
  return code === 'INVALID_OPTIONS' || code === 'CLOSED' ? 'INVALID_OPTIONS' : 'TARGET_UNSUPPORTED';
}
