// @ceres/lineproto

/** As in file headers. The HTTP API wants `n` for ns and `u` for us: influx-http maps. */
export type Precision = 'ns' | 'us' | 'ms' | 's' | 'm' | 'h';

declare const kind: unique symbol;
/** A number whose InfluxDB type is said: `integer(5)` is `5n`, `float(5)` is `5`. */
export interface TypedNumber {
  readonly [kind]: 'integer' | 'float';
  readonly value: bigint | number;
}
export declare function integer(value: number | bigint | string): TypedNumber;
export declare function float(value: number): TypedNumber;

/** `number` is a float, `bigint` an integer. */
export type FieldValue = number | bigint | boolean | string | TypedNumber;
export interface Point {
  readonly measurement: string;
  readonly tags?: Readonly<Record<string, string | undefined>>;
  /** `null` and `undefined` are left out; none left is an error. */
  readonly fields: Readonly<Record<string, FieldValue | null | undefined>>;
  /** A number, bigint or digit string is in `timestampPrecision`. */
  readonly timestamp?: Date | bigint | number | string;
}
/** Tags sorted, integers `bigint`, floats `number`, timestamp in the precision asked for. */
export interface ParsedPoint {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number | bigint | boolean | string>>;
  readonly timestamp: bigint | undefined;
}
export interface EncodeOptions {
  readonly precision: Precision;
  /** Default: `precision`. */
  readonly timestampPrecision?: Precision;
  readonly onPrecisionLoss?: 'refuse' | 'truncate';
  /** Fields that are integers though given as `number`, by measurement. */
  readonly integerFields?: Readonly<Record<string, readonly string[]>>;
}
export declare function encodePoint(point: Point, options: EncodeOptions): string;
export declare class LineEncoder {
  constructor(options: EncodeOptions);
  /** A view, valid until the next call; every line ends in LF. `stamp` is given to points without a timestamp. */
  encode(points: Iterable<Point>, stamp?: bigint): Uint8Array;
}
export declare function parseLine(line: string, options: { readonly precision: Precision }): ParsedPoint;
export declare function parseLines(text: string, options: { readonly precision: Precision }): Iterable<ParsedPoint>;

/** Byte offsets of one record; `end` is before the LF. */
export interface LineRecord {
  readonly start: number;
  readonly seriesEnd: number;
  readonly fieldsEnd: number;
  readonly end: number;
  readonly timestamp: bigint | undefined;
}
/** Yields one reused object. */
export declare function scanLines(bytes: Uint8Array): IterableIterator<LineRecord>;
/** Of the canonical series key: unescaped, whatever the order of the tags. 32 bits. */
export declare function hashSeriesKey(bytes: Uint8Array, start: number, end: number): number;
export interface InvalidRecord {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly error: LineProtocolError;
}
export declare function validateLines(bytes: Uint8Array): Iterable<InvalidRecord>;
export declare function rescale(
  bytes: Uint8Array,
  from: Precision,
  to: Precision,
  onPrecisionLoss: 'refuse' | 'truncate',
): Uint8Array;
export interface Batch {
  readonly bytes: Uint8Array;
  readonly lines: number;
}
export declare class LineSplitter {
  constructor(limits: { readonly bytesMax: number; readonly linesMax: number; readonly recordBytesMax?: number });
  push(chunk: Uint8Array): Iterable<Batch>;
  end(): Iterable<Batch>;
}

export interface PolicySchema {
  readonly duration: string;
  readonly shardDuration?: string;
  readonly replication?: number;
  readonly isDefault?: boolean;
}
export interface FileSummary {
  readonly lines: number;
  readonly bytes: number;
  readonly firstTimestamp: bigint;
  readonly lastTimestamp: bigint;
}
export interface FileHeader {
  readonly database: string;
  /** `''` is the default policy. */
  readonly retentionPolicy: string;
  /** Absent in files of older systems, like every field below. */
  readonly formatVersion?: 1;
  readonly instance?: string;
  readonly precision?: Precision;
  readonly writer?: string;
  readonly sequence?: bigint;
  readonly summary?: FileSummary;
  readonly policy?: PolicySchema;
  readonly notImportable?: readonly string[];
}
export type FileVerdict =
  | { readonly status: 'sealed' }
  | { readonly status: 'unsealed'; readonly lines: number }
  | { readonly status: 'corrupt'; readonly lines: number; readonly reason: string };
export interface DecodedFile extends AsyncIterable<Batch> {
  readonly header: Promise<FileHeader>;
  readonly verdict: Promise<FileVerdict>;
}
export declare function formatHeader(header: FileHeader): string;
/** From the first bytes of a file (4 KiB of gz are enough). */
export declare function readHeader(gz: Uint8Array): FileHeader;
export declare function encodeFile(
  header: FileHeader,
  lines: AsyncIterable<Uint8Array>,
  options?: { readonly level?: number },
): AsyncIterable<Uint8Array>;
export declare function decodeFile(
  gz: AsyncIterable<Uint8Array>,
  options: { readonly batchBytesMax: number; readonly batchLinesMax: number },
): DecodedFile;

export type LineProtocolErrorCode =
  | 'NO_FIELDS'
  | 'INVALID_NAME'
  | 'INVALID_VALUE'
  | 'INVALID_TIMESTAMP'
  | 'PRECISION_LOSS'
  | 'KEY_TOO_LONG'
  | 'SYNTAX'
  | 'NOT_A_BACKUP_FILE';
export declare class LineProtocolError extends Error {
  readonly code: LineProtocolErrorCode;
  /** Of the point or record in its batch, from 0. */
  readonly index?: number;
  /** From 1; the column in UTF-16 units. */
  readonly line?: number;
  readonly column?: number;
}
