import { errorText } from './error-text';
import type { PartlyCode, RefusedCode, RetryCode, WriteOutcome } from './write-outcome';

type Row =
  | readonly [status: number, text: RegExp, kind: 'partly', code: PartlyCode, others?: 'in flight']
  | readonly [status: number, text: RegExp, kind: 'refused', code: RefusedCode, others?: 'in flight']
  | readonly [status: number, text: RegExp, kind: 'retry', code: RetryCode, others?: 'in flight'];

/**
 * Every answer of InfluxDB 1.6 to 1.12 to a write that is not 204, and what it means. The first row that fits decides.
 * `test/answers/server-versions.json` lists the answers of each version.
 *
 * Most come from `coordinator/points_writer.go` and `tsdb/shard.go` by way of `services/httpd/handler.go`. InfluxDB writes
 * a batch to all its shards at once, and answers with the first fault of one while the others go on: that is what the last
 * column says. Faults found before or after all shards (expired points, lines that do not parse) do not have it.
 */
const table: readonly Row[] = [
  [400, /^partial write: points beyond retention policy/, 'partly', 'EXPIRED'],
  [400, /^partial write: dropped \d+ points outside retention policy of duration \w+ - /, 'partly', 'EXPIRED'], // from 1.12 on
  [400, /^partial write: dropped \d+ points outside /, 'partly', 'WRITE_WINDOW'], // 1.12: beyond a limit, or some beyond each
  [400, /^partial write: unable to parse/, 'partly', 'UNPARSEABLE'],
  [400, /^partial write: field type conflict/, 'partly', 'TYPE_CONFLICT', 'in flight'],
  [400, /^partial write: max-(series-per-database|values-per-tag) (limit )?exceeded/, 'partly', 'LIMIT', 'in flight'],
  [400, /^partial write: input field ".*" is too long, \d+ > \d+/s, 'partly', 'TOO_LONG', 'in flight'], // from 1.9 on
  [
    400,
    /^partial write: invalid field name: input field "time" .*has been stripped from point/s,
    'partly',
    'TIME_STRIPPED',
    'in flight',
  ], // 1.12
  [400, /^partial write: shard \d+ is pending deletion/, 'retry', 'SERVER_FAULT', 'in flight'], // The next write makes a new shard.
  [400, /^partial write: /, 'partly', 'UNPARSEABLE', 'in flight'], // Names that InfluxDB reserves.
  [400, /^field type conflict/, 'refused', 'MIXED_TYPES', 'in flight'],
  [400, /^database is required/, 'refused', 'NO_DATABASE'],
  [400, /^unable to parse /, 'refused', 'INVALID'],
  [400, /^invalid precision /, 'refused', 'INVALID'], // from 1.8 on; older servers take the word for nanoseconds
  [401, /^/, 'refused', 'UNAUTHORIZED'],
  [403, /^/, 'refused', 'UNAUTHORIZED'],
  [404, /^database not found/, 'refused', 'NO_DATABASE'],
  [413, /^/, 'refused', 'TOO_LARGE'],
  [429, /^/, 'retry', 'OVERLOADED'],
  [500, /^retention policy not found/, 'refused', 'NO_POLICY'],
  [500, /^(\[shard \d+\] )?timeout$/, 'retry', 'TIMEOUT', 'in flight'],
  [500, /^(\[shard \d+\] )?engine: cache-max-memory-size exceeded/, 'retry', 'OVERLOADED', 'in flight'],
  [503, /^request throttled/, 'retry', 'OVERLOADED'],
  [503, /^/, 'retry', 'OVERLOADED', 'in flight'], // A proxy's answer: its server may have received the request.
];

/**
 * Anything else: a fault of the server, or the answer of a proxy or of another kind of server. No line is given up because
 * of an answer that InfluxDB does not give.
 */
const otherwise: Row = [0, /^/, 'retry', 'SERVER_FAULT', 'in flight'];

/**
 * Returns what an answer to a write means.
 *
 * @param body as `readText` returns it: possibly without its middle
 */
export function classifyWrite(status: number, body: string): WriteOutcome {
  return status === 204 ? { kind: 'stored' } : classifyFailure(status, errorText(body));
}

/**
 * Returns what the head of an answer to a write means, for a proxy that leaves the body to its client. Any 2xx is a success
 * here, because that is what the client will take it for.
 *
 * @param error the `X-InfluxDB-Error` header, which repeats the text of the body
 */
export function classifyWriteHead(status: number, error: string): WriteOutcome {
  return status >= 200 && status < 300 ? { kind: 'stored' } : classifyFailure(status, error);
}

function classifyFailure(status: number, text: string): WriteOutcome {
  const row = table.find(([rowStatus, pattern]) => rowStatus === status && pattern.test(text)) ?? otherwise;
  const [, , kind, code, others] = row;
  const isAmbiguous = others === 'in flight';
  if (kind === 'retry') {
    return { kind, code, message: `HTTP ${status}: ${text || 'no reason given'}`, ambiguous: isAmbiguous };
  }
  const ambiguous = isAmbiguous ? ({ ambiguous: true } as const) : {};
  if (kind === 'refused') return { kind, code, message: text, ...ambiguous };
  return { kind, code, dropped: droppedIn(text), message: text, ...ambiguous };
}

/**
 * Returns how many points a partial write has dropped. From 1.12 on the count is followed by the database, and in most
 * answers by the policy. The text before the count may quote a line that holds such a count itself: the last one is InfluxDB's.
 */
function droppedIn(text: string): number {
  return Number(/^.* dropped=(\d+)(?: for database: .*)?$/s.exec(text)?.[1] ?? 0);
}
