import { LineProtocolError, type LineSummary, type Precision, RECORD_BYTES_MAX } from '@ceres/lineproto';
import { emptySummary, joinSummaries } from '@ceres/lineproto/internal';
import { SinkError } from '../errors';
import { joined } from '../scheduling/turns';

/** The most bad records in one write of raw lines: a client that sends more is not sending line protocol, and each takes time and memory. */
export const rejectsMax = 10_000;

/** A record that cannot be stored, and why. */
export interface Reject {
  /** The record's index in the input, from 0. */
  readonly index: number;
  /** The raw line without its LF, or the point as JSON; a point that JSON cannot hold, as Node prints it. */
  readonly bytes: Uint8Array;
  readonly error: LineProtocolError;
}

/** The lines of one write, validated and in the form in which they are stored, and what was set aside. */
export interface CheckedLines {
  /** Every record ends in LF. This may be a view of the encoder's or the caller's memory: copy it before the next call. */
  readonly bytes: Uint8Array;
  readonly lines: number;
  /** The summary that the validating scan made; `undefined` for rare lines that it did not summarize. They are read again when compressed. */
  readonly summary: LineSummary | undefined;
  readonly rejects: readonly Reject[];
  /** True if no one else has the bytes, so that they do not have to be copied. */
  readonly isOwned?: boolean;
  /** True if they say exactly what the input said: no record was left out, stamped, or given a coarser time. */
  readonly isAsGiven?: boolean;
}

/** Returns a copy that outlives the next call. `bytes.slice()` does not: on a Buffer, which the encoder gives, it is a view. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** Joins the lines of one write that were encoded in parts, which are no one else's, step by step. */
export function* joinedLines(parts: readonly CheckedLines[]): Generator<void, CheckedLines, undefined> {
  const filled = parts.filter(({ lines }) => lines > 0);
  const summary = filled.reduce<LineSummary | undefined>(
    (all, part) => all && part.summary && joinSummaries(all, part.summary),
    emptySummary,
  );
  return {
    bytes: yield* joined(filled.map(({ bytes }) => bytes)),
    lines: filled.reduce((sum, { lines }) => sum + lines, 0),
    summary,
    rejects: parts.flatMap(({ rejects }) => rejects),
    isOwned: true,
    isAsGiven: parts.every((part) => part.isAsGiven === true),
  };
}

/** Decides about a bad record: throws to refuse the whole write; returns to leave this record out. */
export type OnReject = (reject: Pick<Reject, 'error'>) => void;

/** Refuses the whole write, as `onInvalid: 'refuse'` asks. */
export function refuseWrite({ error }: Pick<Reject, 'error'>): never {
  throw new SinkError(
    'INVALID_DATA',
    `Nothing of this write was stored: ${error.message} (${error.code}). Fix it, or set onInvalid: 'quarantine' to store the rest.`,
    { cause: error },
  );
}

/** Returns the error for a line, without its LF, that is too long for InfluxDB and so for a file; `undefined` if it is not. */
export function overlong(lineBytes: number, what: 'point' | 'record', index: number): LineProtocolError | undefined {
  if (lineBytes < RECORD_BYTES_MAX) return undefined;
  const message = `${what} ${index} is a line of ${lineBytes} bytes, and InfluxDB takes at most ${RECORD_BYTES_MAX} with the LF: split it`;
  return new LineProtocolError('INVALID_VALUE', message, { index });
}

/** Returns the error of a record that came without a timestamp, if the sink's precision cannot hold the time of the write. */
export function withoutTimestamp(
  what: 'point' | 'record',
  index: number,
  precision: Precision,
  cause: unknown,
): LineProtocolError {
  const why = `has no timestamp, and the sink's precision '${precision}' cannot hold the exact time of a write`;
  const remedy = `Give it a timestamp, open the sink with precision: 'ns', or set onPrecisionLoss: 'truncate'`;
  return new LineProtocolError('PRECISION_LOSS', `${what} ${index} ${why}. ${remedy}`, { index, cause });
}

/** Returns the error of a record that was validated alone, and so reported as the first, with its index in the input. */
export function atIndex(error: LineProtocolError, what: 'point' | 'record', index: number): LineProtocolError {
  const inner = error.cause instanceof LineProtocolError ? error.cause : error;
  return new LineProtocolError(error.code, `${what} ${index}: ${inner.message}`, { index, cause: inner });
}
