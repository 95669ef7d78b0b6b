import {
  LineProtocolError,
  type LineRecord,
  type LineSummary,
  type OnPrecisionLoss,
  type Precision,
  RECORD_BYTES_MAX,
  rescale,
  scanLines,
  validateLines,
} from '@ceres/lineproto';
import { summarizeValidLines, validateAndSummarize } from '@ceres/lineproto/internal';
import { SinkError } from '../errors';
import {
  atIndex,
  type CheckedLines,
  copyOf,
  type OnReject,
  overlong,
  type Reject,
  rejectsMax,
  withoutTimestamp,
} from './checked-lines';
import type { Stamper } from './stamper';

/**
 * The unit in which a line without a timestamp is stamped. Its own is what InfluxDB would take; nanoseconds are refused where the sink's
 * precision cannot hold them.
 */
export type StampUnit = 'ns' | 'own unit';

/** The settings by which raw lines become stored lines. */
export interface RawLineRules {
  readonly precision: Precision;
  readonly onPrecisionLoss: OnPrecisionLoss;
  readonly stamper: Stamper;
  readonly stampsIn: StampUnit;
  /** The number of records of the same write that stand before these. */
  readonly firstIndex?: number;
}

/**
 * Validates every record as InfluxDB would, rescales its timestamp exactly, adds one where it is missing, and leaves
 * blank lines and comments out. Lines that already have the form to be stored are returned as they are, after a single scan.
 */
export function encodeRawLines(
  bytes: Uint8Array,
  from: Precision,
  rules: RawLineRules,
  onReject: OnReject,
): CheckedLines {
  return encodePlainLines(bytes, from, rules) ?? oneByOne(bytes, from, rules, onReject);
}

/**
 * Does the same for lines that are all good and have a timestamp, nearly as fast as they are scanned.
 *
 * @returns `undefined` for all others, which must be looked at one by one
 */
export function encodePlainLines(bytes: Uint8Array, from: Precision, rules: RawLineRules): CheckedLines | undefined {
  const summary = validateAndSummarize(bytes);
  if (summary === undefined || !isFarFromLimits(summary, from)) return undefined;
  const whole = endInNewline(bytes);
  const { lines } = summary;
  if (from === rules.precision) return { bytes: whole, lines, summary, rejects: [], isAsGiven: true };
  try {
    const rescaled = rescale(whole, from, rules.precision, rules.onPrecisionLoss);
    const isAsGiven = rules.onPrecisionLoss === 'refuse';
    return { bytes: rescaled, lines, summary: summarizeValidLines(rescaled), rejects: [], isAsGiven };
  } catch (error) {
    if (!(error instanceof LineProtocolError)) throw error;
    return undefined;
  }
}

/** The year 2200 in each precision. Times from 1970 to then are well inside InfluxDB's range; `validateLines` checks those outside. */
const plainTimestampMax: Readonly<Record<Precision, bigint>> = {
  ns: 7_258_118_400_000_000_000n,
  us: 7_258_118_400_000_000n,
  ms: 7_258_118_400_000n,
  s: 7_258_118_400n,
  m: 120_968_640n,
  h: 2_016_144n,
};

/** The bytes that rescaling may add to a line: the digits from hours to nanoseconds. */
const growthBytesMax = 20;

function isFarFromLimits({ lastTimestamp, recordBytesMax }: LineSummary, precision: Precision): boolean {
  if (recordBytesMax + growthBytesMax > RECORD_BYTES_MAX) return false;
  return lastTimestamp === undefined || lastTimestamp <= plainTimestampMax[precision];
}

/** Adds the last LF if it is missing, as it mostly is in what clients send. */
function endInNewline(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === 0 || bytes.at(-1) === lineFeed ? bytes : Buffer.concat([bytes, newline]);
}

/** Returns an error that counted the record from the start of these lines, counted from the start of the write. */
export function withIndex(error: LineProtocolError, index: number, firstIndex: number): LineProtocolError {
  if (firstIndex === 0) return error;
  const message = error.message.replace(`(record ${index}, `, `(record ${firstIndex + index}, `);
  return new LineProtocolError(error.code, message, { index: firstIndex + index, column: error.column, cause: error });
}

function oneByOne(bytes: Uint8Array, from: Precision, rules: RawLineRules, onReject: OnReject): CheckedLines {
  const faults = validateLines(bytes, { precision: from });
  let fault = faults.next().value;
  const { firstIndex = 0 } = rules;
  const lines: Uint8Array[] = [];
  const rejects: Reject[] = [];
  let index = 0;
  for (const record of scanLines(bytes)) {
    const isFaulty = fault?.index === index;
    const line =
      isFaulty && fault
        ? withIndex(fault.error, index, firstIndex)
        : encodeOne(bytes, record, from, rules, firstIndex + index);
    if (isFaulty) fault = faults.next().value;
    if (line instanceof LineProtocolError) {
      const reject = {
        index: firstIndex + index,
        bytes: copyOf(bytes.subarray(record.start, record.end)),
        error: line,
      };
      onReject(reject);
      if (rejects.push(reject) > rejectsMax) throw tooManyRejects(line);
    } else {
      lines.push(line, newline);
    }
    index += 1;
  }
  const stored = Buffer.concat(lines);
  return { bytes: stored, lines: lines.length / 2, summary: summarizeValidLines(stored), rejects };
}

export function tooManyRejects(cause: LineProtocolError): SinkError {
  const what = `Nothing of this write was stored: more than ${rejectsMax} of its records are bad, the last of them because ${cause.message}.`;
  return new SinkError(
    'INVALID_DATA',
    `${what} Check that it is line protocol; if it is, write it in smaller pieces.`,
    {
      cause,
    },
  );
}

const lineFeed = 0x0a;
const newline = Buffer.from('\n');

/** Returns a valid record without its LF, or why it cannot be written in this precision. */
function encodeOne(
  bytes: Uint8Array,
  { start, fieldsEnd, end, timestamp }: LineRecord,
  from: Precision,
  { precision, onPrecisionLoss, stamper, stampsIn }: RawLineRules,
  index: number,
): Uint8Array | LineProtocolError {
  try {
    const isStamped = timestamp !== undefined;
    const unit = isStamped || stampsIn === 'own unit' ? from : 'ns';
    const stamped = isStamped
      ? bytes.subarray(start, end)
      : Buffer.concat([bytes.subarray(start, fieldsEnd), Buffer.from(` ${stamper.next(unit)}`)]);
    const line = rescale(stamped, unit, precision, onPrecisionLoss);
    return overlong(line.byteLength, 'record', index) ?? line;
  } catch (error) {
    return whyNotWritten(error, timestamp !== undefined, index, precision);
  }
}

/**
 * Returns why a valid record cannot be written in this precision.
 *
 * @throws the error if it does not come from the record
 */
export function whyNotWritten(
  error: unknown,
  hasTimestamp: boolean,
  index: number,
  precision: Precision,
): LineProtocolError {
  if (!(error instanceof LineProtocolError)) throw error;
  const isStamp = !hasTimestamp && error.code === 'PRECISION_LOSS';
  return isStamp ? withoutTimestamp('record', index, precision, error) : atIndex(error, 'record', index);
}
