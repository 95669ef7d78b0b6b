import { constants } from 'node:zlib';
import { optionChecks, type Precision, precisions } from '@ceres/internal';
import { LineProtocolError } from './errors';
import type { FilePlace } from './file/read/proof/file-integrity';
import type { OnPrecisionLoss } from './precision';

const check = optionChecks((message) => new LineProtocolError('INVALID_OPTIONS', message));

/** How points become lines. */
export interface EncodeOptions {
  /** The precision of the timestamps that are written. */
  readonly precision: Precision;
  /** The precision of the numbers, bigints and digit strings that are given as timestamps. Default: `precision`. */
  readonly timestampPrecision?: Precision;
  /** What happens to a timestamp finer than `precision`: it is refused (default), or cut to the earlier moment. */
  readonly onPrecisionLoss?: OnPrecisionLoss;
  /** The fields, by measurement, that are integers although they are given as `number`. */
  readonly integerFields?: Readonly<Record<string, readonly string[]>>;
}

export interface ResolvedEncodeOptions {
  readonly precision: Precision;
  readonly timestampPrecision: Precision;
  readonly onPrecisionLoss: OnPrecisionLoss;
  readonly integerFields: ReadonlyMap<string, ReadonlySet<string>>;
}

const encodeOptionNames = ['precision', 'timestampPrecision', 'onPrecisionLoss', 'integerFields'];

/** @throws LineProtocolError `INVALID_OPTIONS` */
export function resolveEncodeOptions(options: EncodeOptions): ResolvedEncodeOptions {
  check.names('the line encoder', options, encodeOptionNames);
  const precision = checkPrecision('precision', options.precision);
  return Object.freeze({
    precision,
    timestampPrecision: checkPrecision('timestampPrecision', options.timestampPrecision ?? precision),
    onPrecisionLoss: checkOnPrecisionLoss(options.onPrecisionLoss ?? 'refuse'),
    integerFields: new Map(Object.entries(options.integerFields ?? {}).map(toFieldSet)),
  });
}

function toFieldSet([measurement, fields]: [string, readonly string[]]): [string, ReadonlySet<string>] {
  check.that(Array.isArray(fields), `integerFields[${JSON.stringify(measurement)}]`, 'an array of field keys', fields);
  return [measurement, new Set(fields)];
}

export interface ParseOptions {
  /** The precision of the timestamps in the text; the parsed ones have the same. */
  readonly precision: Precision;
}

/** @throws LineProtocolError `INVALID_OPTIONS` */
export function resolveParseOptions(options: ParseOptions): ParseOptions {
  check.names('the line parser', options, ['precision']);
  return { precision: checkPrecision('precision', options.precision) };
}

export interface SplitLimits {
  /** A batch is closed before it has more bytes than this. A single record may have more. */
  readonly bytesMax: number;
  readonly linesMax: number;
  /** Default: 25,000,000. */
  readonly recordBytesMax?: number;
}

/** InfluxDB accepts no longer request (`max-body-size`), so no longer record, its LF included. */
export const RECORD_BYTES_MAX = 25_000_000;

/** @throws LineProtocolError `INVALID_OPTIONS` */
export function resolveSplitLimits(limits: SplitLimits): Required<SplitLimits> {
  check.names('new LineSplitter()', limits, ['bytesMax', 'linesMax', 'recordBytesMax']);
  return {
    bytesMax: checkLimit('bytesMax', limits.bytesMax),
    linesMax: checkLimit('linesMax', limits.linesMax),
    recordBytesMax: checkLimit('recordBytesMax', limits.recordBytesMax ?? RECORD_BYTES_MAX),
  };
}

export interface EncodeFileOptions {
  /** gzip's level, 0 to 9. Default: 3, twice as fast as zlib's own default, 6, for files an eighth larger (`npm run bench -- gzip-levels`). */
  readonly level?: number;
}

const levelDefault = 3;

/** @throws LineProtocolError `INVALID_OPTIONS` */
export function resolveEncodeFileOptions(options: EncodeFileOptions): Required<EncodeFileOptions> {
  check.names('encodeFile()', options, ['level']);
  const range = { min: constants.Z_NO_COMPRESSION, max: constants.Z_BEST_COMPRESSION };
  return { level: check.wholeNumber('level', options.level ?? levelDefault, range) };
}

export interface DecodeFileOptions {
  /** A batch is closed before it has more bytes than this. A single record may have more. */
  readonly batchBytesMax: number;
  readonly batchLinesMax: number;
  /** The place where the file is stored: a header that contradicts it makes the file `corrupt`. Default: anywhere. */
  readonly place?: FilePlace;
}

/** @throws LineProtocolError `INVALID_OPTIONS` */
export function resolveDecodeFileOptions(
  options: DecodeFileOptions,
): SplitLimits & { readonly place: FilePlace | undefined } {
  check.names('decodeFile()', options, ['batchBytesMax', 'batchLinesMax', 'place']);
  const { place } = options;
  const isGood = place === undefined || (typeof place?.instance === 'string' && typeof place.database === 'string');
  check.that(isGood, 'place', "an object such as { instance: 'influxdb-0', database: 'db_0' }", place);
  return {
    bytesMax: checkLimit('batchBytesMax', options.batchBytesMax),
    linesMax: checkLimit('batchLinesMax', options.batchLinesMax),
    place,
  };
}

/** @throws LineProtocolError `INVALID_OPTIONS` */
export function checkPrecision(name: string, value: unknown): Precision {
  return check.oneOf(name, value, precisions);
}

/** @throws LineProtocolError `INVALID_OPTIONS` */
export function checkOnPrecisionLoss(value: unknown): OnPrecisionLoss {
  return check.oneOf('onPrecisionLoss', value, ['refuse', 'truncate']);
}

function checkLimit(name: string, value: number): number {
  check.that(Number.isSafeInteger(value) && value >= 1, name, 'a whole number of at least 1', value);
  return value;
}
