import type { PartlyReason, RefusedCode, RetryCode, WriteOutcome } from './write-outcome';

type Verdict = PartlyReason | RefusedCode | RetryCode;
type Row = readonly [status: number, text: RegExp, verdict: Verdict, others?: 'in flight'];

/**
 * Every answer of InfluxDB 1.x to a write that is not 204, and what it means. The first row that fits decides.
 *
 * Most come from `coordinator/points_writer.go` and `tsdb/shard.go` by way of `services/httpd/handler.go`. A batch that
 * spans shards is written to all of them at once, and the first fault of one is answered while the others go on: hence
 * the last column. Faults found before or after all shards (expired points, lines that do not parse) do not have it.
 */
const table: readonly Row[] = [
  [400, /^partial write: points beyond retention policy/, 'expired'],
  [400, /^partial write: unable to parse/, 'unparseable'],
  [400, /^partial write: field type conflict/, 'type-conflict', 'in flight'],
  [400, /^partial write: max-(series-per-database|values-per-tag) limit exceeded/, 'limit', 'in flight'],
  [400, /^partial write: shard \d+ is pending deletion/, 'SERVER_FAULT', 'in flight'], // The next write makes a new shard.
  [400, /^partial write: /, 'unparseable', 'in flight'], // Names that InfluxDB reserves.
  [400, /^field type conflict/, 'TYPE_CONFLICT', 'in flight'],
  [400, /^database is required/, 'NO_DATABASE'],
  [400, /^unable to parse /, 'INVALID'],
  [401, /^/, 'UNAUTHORIZED'],
  [403, /^/, 'UNAUTHORIZED'],
  [404, /^database not found/, 'NO_DATABASE'],
  [413, /^/, 'TOO_LARGE'],
  [429, /^/, 'OVERLOADED'],
  [500, /^retention policy not found/, 'NO_POLICY'],
  [500, /^timeout$/, 'TIMEOUT', 'in flight'],
  [500, /^engine: cache-max-memory-size exceeded/, 'OVERLOADED', 'in flight'],
  [503, /^request throttled/, 'OVERLOADED'],
  [503, /^/, 'OVERLOADED', 'in flight'], // A proxy's, whose server may have had the request.
];

/**
 * Anything else: a fault of the server, or the answer of a proxy or of another kind of server. A line is never given up
 * because of an answer that InfluxDB does not give.
 */
const otherwise: Row = [0, /^/, 'SERVER_FAULT', 'in flight'];

/** @param body as `readText` gives it: possibly without its middle */
export function classifyWrite(status: number, body: string): WriteOutcome {
  if (status === 204) return { kind: 'stored' };
  const text = errorText(body);
  const row = table.find(([rowStatus, pattern]) => rowStatus === status && pattern.test(text)) ?? otherwise;
  const [, , verdict, others] = row;
  const ambiguous = others === 'in flight';
  switch (verdict) {
    case 'expired':
    case 'unparseable':
    case 'type-conflict':
    case 'limit': {
      const dropped = Number(/ dropped=(\d+)$/.exec(text)?.[1] ?? 0);
      return { kind: 'partly', reason: verdict, dropped, message: text, ...(ambiguous && { ambiguous }) };
    }
    case 'UNREACHABLE':
    case 'OVERLOADED':
    case 'TIMEOUT':
    case 'SERVER_FAULT':
      return { kind: 'retry', code: verdict, ambiguous, message: `HTTP ${status}: ${text || 'no reason given'}` };
    default:
      return { kind: 'refused', code: verdict, message: text, ...(ambiguous && { ambiguous }) };
  }
}

/** The message inside `{"error":"…"}`, also where the middle was cut out; else the body itself, as proxies answer. */
export function errorText(body: string): string {
  const quoted = /^\{"error":(".*")\}\s*$/s.exec(body)?.[1];
  if (quoted === undefined) return body.trim();
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1); // A cut may fall inside an escape.
  }
}
