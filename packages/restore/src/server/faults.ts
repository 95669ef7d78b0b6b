import { InfluxHttpError } from '@ceres/influx-http';
import { classifyStatementError, isDenial } from '@ceres/influx-http/internal';
import { StorageError } from '@ceres/storage';
import { RestoreError, type RestoreErrorCode } from '../errors';

const statementCodes = {
  UNAUTHORIZED: 'SERVER_DENIED',
  QUERY_FAILED: 'SERVER_QUERY_FAILED',
  UNREACHABLE: 'SERVER_UNREACHABLE',
} as const;

/** A statement that node-influx could not run. */
export class StatementFault extends Error {
  /** Never `INVALID_OPTIONS`, because something may already be changed when a statement runs. */
  readonly code: 'SERVER_QUERY_FAILED' | 'SERVER_DENIED' | 'SERVER_UNREACHABLE';
  readonly retryable: boolean;
  /** True if the statement drops a shard that is not there. */
  readonly isMissingShard: boolean;

  constructor(statement: string, reason: string) {
    super(`'${statement}' failed (${reason})`);
    this.code = statementCodes[classifyStatementError(reason)];
    this.retryable = this.code === 'SERVER_UNREACHABLE';
    this.isMissingShard = statement.startsWith('DROP SHARD ') && /\bshard not found\b/.test(reason);
  }
}

/** Returns a fault of the server as an error of this package; returns any other error as it is. */
export function asServerFault(error: unknown, url: string): unknown {
  if (error instanceof StatementFault) return serverFault(error.code, url, error.message);
  if (error instanceof StorageError) return serverFault('SERVER_UNREACHABLE', url, 'it does not answer', error.cause);
  if (!(error instanceof InfluxHttpError)) return error;
  return serverFault(codeOf(error), url, error.message, error);
}

/** Returns the error for a fault of the server, with what to do about it. */
export function serverFault(
  code: Extract<RestoreErrorCode, `SERVER_${string}` | 'INVALID_OPTIONS'>,
  url: string,
  reason: string,
  cause?: unknown,
): RestoreError {
  const todo = {
    SERVER_QUERY_FAILED:
      'Fix the cause that InfluxDB names, such as a limit of its configuration, and run the same command again.',
    SERVER_UNREACHABLE: 'Check that it runs and can be reached from here, then run the same command again.',
    SERVER_DENIED:
      'Set username and password, or token (INFLUX_USERNAME and INFLUX_PASSWORD, or INFLUX_TOKEN), to those of an InfluxDB admin: a restore creates databases and policies.',
    SERVER_UNSUPPORTED: 'Ceres needs InfluxDB 1.x: check the URL, and that nothing else answers for InfluxDB there.',
    SERVER_NOT_EMPTY: '',
    INVALID_OPTIONS: '',
  }[code];
  return new RestoreError(code, `The server ${url}: ${reason.replace(/\.$/, '')}. ${todo}`.trim(), { cause });
}

function codeOf({ code, message }: InfluxHttpError): Extract<RestoreErrorCode, `SERVER_${string}` | 'INVALID_OPTIONS'> {
  if (code === 'UNREACHABLE' || code === 'TIMEOUT' || code === 'SERVER_FAULT') return 'SERVER_UNREACHABLE';
  if (code === 'UNAUTHORIZED' || isDenial(message)) return 'SERVER_DENIED';
  if (code === 'QUERY_FAILED') return 'SERVER_QUERY_FAILED';
  return code === 'INVALID_OPTIONS' || code === 'CLOSED' ? 'INVALID_OPTIONS' : 'SERVER_UNSUPPORTED';
}
