import { LineProtocolError, type LineSummary, RECORD_BYTES_MAX } from '@ceres/lineproto';
import { SinkError } from '../errors';

/** Of one write of raw lines: whoever sends more bad records sends no line protocol, and each takes time and memory. */
export const rejectsMax = 10_000;

/** A record that cannot be stored, and why. */
export interface Reject {
  /** In the input, from 0. */
  readonly index: number;
  /** Of the raw line without its LF, or of the point as JSON; of one that JSON cannot say, as Node prints it. */
  readonly bytes: Uint8Array;
  readonly error: LineProtocolError;
}

/** The lines of one write as they are stored, and what was set aside. */
export interface CheckedLines {
  /** Every record ends in LF. May be a view of the encoder's or the caller's memory: copy it before the next call. */
  readonly bytes: Uint8Array;
  readonly lines: number;
  /** Found by the scan that judged the lines; `undefined` where it did not, for lines that are seldom: they are read again when compressed. */
  readonly summary: LineSummary | undefined;
  readonly rejects: readonly Reject[];
}

/** A copy that outlives the next call. Not `bytes.slice()`: on a Buffer, which the encoder gives, that is a view. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** Throws to refuse the whole write; returns to leave this record out. */
export type OnReject = (reject: Pick<Reject, 'error'>) => void;

/** For `onInvalid: 'refuse'`. */
export function refuseWrite({ error }: Pick<Reject, 'error'>): never {
  throw new SinkError(
    'INVALID_DATA',
    `Nothing of this write was stored: ${error.message} (${error.code}). Mend it, or set onInvalid: 'quarantine' to store the rest.`,
    { cause: error },
  );
}

/** Why a line, without its LF, is too long for InfluxDB and so for a file; `undefined` if it is not. */
export function overlong(lineBytes: number, what: 'point' | 'record', index: number): LineProtocolError | undefined {
  if (lineBytes < RECORD_BYTES_MAX) return undefined;
  const message = `${what} ${index} is a line of ${lineBytes} bytes, and InfluxDB takes at most ${RECORD_BYTES_MAX} with the LF: split it`;
  return new LineProtocolError('INVALID_VALUE', message, { index });
}

/** The error of a record that was judged alone, and so called the first, with its index in the input. */
export function atIndex(error: LineProtocolError, what: 'point' | 'record', index: number): LineProtocolError {
  const inner = error.cause instanceof LineProtocolError ? error.cause : error;
  return new LineProtocolError(error.code, `${what} ${index}: ${inner.message}`, { index, cause: inner });
}
