import type { HeartbeatStatement, NamedFile, PendingFile } from './contents';

/** The version of this format. A reader refuses a later one. */
export const heartbeatFormat = 1;

/** What the last line says of those before it. */
export interface HeartbeatEnd {
  readonly stored: number;
  readonly pending: number;
  /** The SHA-256, in hex, of all bytes before the last line. */
  readonly sha256: string;
}

/** Returns the first line of a heartbeat, with its LF. */
export function formatStatement(statement: HeartbeatStatement): string {
  const { previous, nextDueByMs, atMs, storedUpToMs, isWholeDay, isLast, ...same } = statement;
  return jsonLine({
    ceres: 'heartbeat',
    format: heartbeatFormat,
    ...same,
    previous: previous ?? null,
    wholeDay: isWholeDay,
    at: timeText(atMs),
    storedUpTo: timeText(storedUpToMs),
    nextDueBy: nextDueByMs === undefined ? null : timeText(nextDueByMs),
    last: isLast,
  });
}

/** Returns the line of a stored file, with its LF. */
export function formatNamedFile({ key, sizeBytes, md5, lines, fromNs, toNs }: NamedFile): string {
  return jsonLine({ key, sizeBytes, md5, lines, from: fromNs?.toString(), to: toNs?.toString() });
}

/** Returns the line of a file that the spool holds, with its LF. */
export function formatPendingFile({ state, key, sinceMs, lines }: PendingFile): string {
  return jsonLine({ state, key, since: timeText(sinceMs), lines });
}

/** Returns the last line, with its LF. */
export function formatEnd({ stored, pending, sha256 }: HeartbeatEnd): string {
  return jsonLine({ end: 'heartbeat', stored, pending, sha256 });
}

export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

export function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
