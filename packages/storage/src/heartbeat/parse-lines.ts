import { parseKey } from '../keys/format-key';
import { type HeartbeatFile, type HeartbeatStatement, pendingStates } from './contents';
import type { HeartbeatEnd } from './format-lines';

export type Json = Readonly<Record<string, unknown>>;

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const timePattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const nsPattern = /^-?\d{1,19}$/;
const md5Pattern = /^[A-Za-z0-9+/]{22}==$/;
const sha256Pattern = /^[0-9a-f]{64}$/;

/** Returns whether a value is a SHA-256 in hex. */
export function isSha256(value: unknown): value is string {
  return typeof value === 'string' && sha256Pattern.test(value);
}

/** Returns the JSON object on a line; `undefined` if there is none. */
export function parseJsonLine(line: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the statement on a heartbeat's first line; `undefined` if it is not one. Members that this version does not know are ignored. */
export function parseStatement(json: Json): HeartbeatStatement | undefined {
  const { instance, sink, id, previous, writer, day, wholeDay, part, parts, last } = json;
  const { open, spooled, parked, unnamed } = json;
  const atMs = parseTime(json.at);
  const storedUpToMs = parseTime(json.storedUpTo);
  const nextDueByMs = json.nextDueBy === null ? undefined : parseTime(json.nextDueBy);
  if (typeof instance !== 'string' || typeof day !== 'string') return undefined;
  if (!isUuid(sink) || !isUuid(id) || !isUuid(writer) || !(previous === null || isUuid(previous))) return undefined;
  if (typeof wholeDay !== 'boolean' || typeof last !== 'boolean') return undefined;
  if (atMs === undefined || storedUpToMs === undefined || (nextDueByMs === undefined) !== last) return undefined;
  if (!isCount(part) || !isCount(parts) || part < 1 || part > parts) return undefined;
  if (!isCount(open) || !isCount(spooled) || !isCount(parked) || !isCount(unnamed)) return undefined;
  return {
    instance,
    sink,
    id,
    previous: previous ?? undefined,
    writer,
    day,
    isWholeDay: wholeDay,
    part,
    parts,
    atMs,
    storedUpToMs,
    nextDueByMs,
    isLast: last,
    open,
    spooled,
    parked,
    unnamed,
  };
}

/** Returns the file on a line of the heartbeat of an instance; `undefined` if it is not one. */
export function parseFile(json: Json, instance: string): HeartbeatFile | undefined {
  const { key, state = 'stored', lines } = json;
  if (typeof key !== 'string' || parseKey(key)?.instance !== instance) return undefined;
  if (!(lines === undefined || isCount(lines))) return undefined;
  const known = { key, ...(lines !== undefined && { lines }) };
  if (state !== 'stored') {
    const pending = pendingStates.find((name) => name === state);
    const sinceMs = parseTime(json.since);
    return pending && sinceMs !== undefined ? { ...known, state: pending, sinceMs } : undefined;
  }
  const { sizeBytes, md5, from, to } = json;
  const hasSize = isCount(sizeBytes) && typeof md5 === 'string' && md5Pattern.test(md5);
  if (!hasSize && (sizeBytes !== undefined || md5 !== undefined)) return undefined;
  const hasTimes = isNs(from) && isNs(to);
  if (!hasTimes && (from !== undefined || to !== undefined)) return undefined;
  return {
    ...known,
    state,
    ...(hasSize && { sizeBytes, md5 }),
    ...(hasTimes && { fromNs: BigInt(from), toNs: BigInt(to) }),
  };
}

/** Returns what a last line says; `undefined` if it is not one. */
export function parseEnd(json: Json): HeartbeatEnd | undefined {
  const { end, stored, pending, sha256 } = json;
  if (end !== 'heartbeat' || !isCount(stored) || !isCount(pending)) return undefined;
  return isSha256(sha256) ? { stored, pending, sha256 } : undefined;
}

/** Returns the time that `2026-11-30T12:00:00.000Z` states, in ms since the epoch; `undefined` for another text. */
export function parseTime(text: unknown): number | undefined {
  if (typeof text !== 'string' || !timePattern.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms;
}

export function isUuid(value: unknown): value is string {
  return typeof value === 'string' && uuidPattern.test(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

export function isNs(value: unknown): value is string {
  return typeof value === 'string' && nsPattern.test(value);
}
