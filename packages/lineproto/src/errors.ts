/** Says why a point, a line, a file or an option was refused. Callers react to the code, never to the message. */
export type LineProtocolErrorCode =
  | 'INVALID_OPTIONS' // an option that does not exist, or with a value that it does not take
  | 'NO_FIELDS' // a point without any field value
  | 'INVALID_NAME' // a measurement, tag, key or file header name that line protocol or the file cannot carry
  | 'INVALID_VALUE' // a field value that line protocol cannot carry: NaN, an integer outside int64, …
  | 'INVALID_TIMESTAMP' // not an integer, not a date, or outside InfluxDB's range
  | 'PRECISION_LOSS' // the timestamp is finer than the precision it must be written in
  | 'KEY_TOO_LONG' // series key and field key together exceed 65,535 bytes
  | 'SYNTAX' // a line that InfluxDB would refuse to parse
  | 'NOT_A_BACKUP_FILE' // not gzip, or without the header that says where its lines belong
  | 'CHANGED'; // a second reading of a file does not give what the first one proved

/** The place of a fault, as far as it is known. */
export interface ErrorPlace {
  readonly index?: number | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly cause?: unknown;
}

/** The only error that this package throws for its input's faults; match on `code`. */
export class LineProtocolError extends Error {
  override readonly name = 'LineProtocolError';
  readonly code: LineProtocolErrorCode;
  /** The point or record in its batch, counted from 0. */
  declare readonly index?: number;
  /** Counted from 1. */
  declare readonly line?: number;
  /** Counted from 1, in UTF-16 units. */
  declare readonly column?: number;

  constructor(code: LineProtocolErrorCode, message: string, place: ErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.code = code;
    if (place.index !== undefined) this.index = place.index;
    if (place.line !== undefined) this.line = place.line;
    if (place.column !== undefined) this.column = place.column;
  }
}
