import type { PartlyReason, RefusedCode, RetryCode, WriteOutcome } from './outcome';

type Verdict = PartlyReason | RefusedCode | RetryCode | `${RetryCode}, ambiguous`;

/**
 * Every answer of InfluxDB 1.x to a write that is not 204, and what it means. The first row that fits decides.
 *
 * Most come from `PointsWriter` and `tsdb/shard.go` by way of `services/httpd/handler.go`. A batch that spans shards is
 * written to all of them at once, and the first fault is answered while the others go on: so every 500 is ambiguous,
 * but for the one that comes before any shard is asked.
 */
const table: readonly (readonly [status: number, text: RegExp, Verdict])[] = [
  [400, /^partial write: points beyond retention policy/, 'expired'],
  [400, /^partial write: field type conflict/, 'type-conflict'],
  [400, /^partial write: max-(series-per-database|values-per-tag) limit exceeded/, 'limit'],
  [400, /^partial write: /, 'unparseable'],
  [400, /^field type conflict/, 'TYPE_CONFLICT'],
  [400, /^database is required/, 'NO_DATABASE'],
  [400, /^unable to parse /, 'INVALID'],
  [401, /^/, 'UNAUTHORIZED'],
  [403, /^/, 'UNAUTHORIZED'],
  [404, /^database not found/, 'NO_DATABASE'],
  [413, /^/, 'TOO_LARGE'],
  [429, /^/, 'OVERLOADED'],
  [500, /^retention policy not found/, 'NO_POLICY'],
  [500, /^timeout$/, 'TIMEOUT, ambiguous'],
  [500, /^engine: cache-max-memory-size exceeded/, 'OVERLOADED, ambiguous'],
  [503, /^request throttled/, 'OVERLOADED'],
  [503, /^/, 'OVERLOADED, ambiguous'], // A proxy's, whose server may have had the request.
];

/**
 * Anything else: a fault of the server, or the answer of a proxy or of another kind of server. A line is never given up
 * because of an answer that InfluxDB does not give.
 */
const otherwise: Verdict = 'SERVER_FAULT, ambiguous';

const partlyReasons: readonly Verdict[] = ['expired', 'unparseable', 'type-conflict', 'limit'];
const retryCodes: readonly string[] = ['UNREACHABLE', 'OVERLOADED', 'TIMEOUT', 'SERVER_FAULT'];

/** @param body as `readText` gives it: possibly without its middle */
export function classifyWrite(status: number, body: string): WriteOutcome {
  if (status === 204) return { kind: 'stored' };
  const text = errorText(body);
  const verdict = table.find(([rowStatus, pattern]) => rowStatus === status && pattern.test(text))?.[2] ?? otherwise;
  return outcome(verdict, text, status);
}

function outcome(verdict: Verdict, text: string, status: number): WriteOutcome {
  if (partlyReasons.includes(verdict)) {
    const dropped = Number(/ dropped=(\d+)$/.exec(text)?.[1] ?? 0);
    return { kind: 'partly', reason: verdict as PartlyReason, dropped, message: text };
  }
  const [code, ambiguous] = verdict.split(', ') as [string, string?];
  if (!retryCodes.includes(code)) return { kind: 'refused', code: code as RefusedCode, message: text };
  const message = `HTTP ${status}: ${text || 'no reason given'}`;
  return { kind: 'retry', code: code as RetryCode, ambiguous: ambiguous !== undefined, message };
}

/** The message inside `{"error":"…"}`, also where the middle was cut out; else the body itself, as proxies answer. */
export function errorText(body: string): string {
  const quoted = /^\{"error":("(?:.|\n)*")\}\s*$/.exec(body)?.[1];
  if (quoted === undefined) return body.trim();
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return quoted.slice(1, -1); // A cut may fall inside an escape.
  }
}
