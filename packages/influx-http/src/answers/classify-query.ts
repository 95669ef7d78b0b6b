import type { InfluxHttpErrorCode } from '../errors';

/** Returns the code of the error for a query whose status is not 200. */
export function classifyQuery(status: number): InfluxHttpErrorCode {
  return status === 400 ? 'QUERY_FAILED' : classifyPing(status);
}

/** Returns the code of the error for a ping that does not name a version. */
export function classifyPing(status: number): InfluxHttpErrorCode {
  if (status === 401 || status === 403) return 'UNAUTHORIZED';
  return status >= 500 || status === 429 ? 'SERVER_FAULT' : 'INVALID_ANSWER';
}

const denials = /not authorized|authorization failed|requires admin|unable to parse authentication/i;

/** Says whether InfluxDB's message means that the user lacks a permission: the status alone does not always say so. */
export function isDenial(message: string): boolean {
  return denials.test(message);
}

/**
 * Returns why a statement failed, from the message of the error that node-influx throws: it has no class for its errors, and
 * puts the status into the text.
 */
export function classifyStatementError(message: string): 'UNAUTHORIZED' | 'QUERY_FAILED' | 'UNREACHABLE' {
  if (isDenial(message) || /^A 40[13] /.test(message)) return 'UNAUTHORIZED';
  // A status below 500, or an error inside the answer: InfluxDB understood the statement and refuses it.
  if (/^A 4\d\d /.test(message) || message.startsWith('Error from InfluxDB')) return 'QUERY_FAILED';
  return 'UNREACHABLE';
}
