import { describe, expect, it } from 'vitest';
import { classifyStatementError } from '../../src/answers/classify-query';

describe('classifyStatementError', () => {
  it.each([
    ['A 401 Unauthorized error occurred: {"error":"authorization failed"}', 'UNAUTHORIZED'],
    ['A 403 Forbidden error occurred: {"error":"no"}', 'UNAUTHORIZED'],
    ['Error from InfluxDB: not authorized to execute statement', 'UNAUTHORIZED'],
    ['A 400 Bad Request error occurred: {"error":"error parsing query"}', 'QUERY_FAILED'],
    ['Error from InfluxDB: max databases exceeded', 'QUERY_FAILED'],
    ['A 503 Service Unavailable error occurred: no', 'UNREACHABLE'],
    ['No host available', 'UNREACHABLE'],
  ])('reads %s as %s', (message, code) => {
    expect(classifyStatementError(message)).toBe(code);
  });
});
