import { LineProtocolError, type LineSummary, type Precision } from '@ceres/lineproto';
import { convertTimestamp, type LongRecord, validateLongRecord } from '@ceres/lineproto/internal';
import { joined } from '../scheduling/turns';
import { type CheckedLines, type OnReject, overlong } from './checked-lines';
import { type RawLineRules, whyNotWritten, withIndex } from './raw-lines';

/** A record from this size on is taken in steps. */
export const longRecordBytes = 64 * 1024;

const newline = Buffer.from('\n');

/** Does for a single record what `encodeRawLines` does, in steps. */
export function* encodeLongRecord(
  bytes: Uint8Array,
  from: Precision,
  rules: RawLineRules,
  onReject: OnReject,
): Generator<void, CheckedLines, undefined> {
  const { firstIndex = 0 } = rules;
  const record = yield* validateLongRecord(bytes, from);
  const line = record.error
    ? withIndex(record.error, 0, firstIndex)
    : encodeRecord(bytes, record, from, rules, firstIndex);
  if (line instanceof LineProtocolError) {
    const copy = yield* joined([bytes.subarray(record.start, record.end)]);
    const reject = { index: firstIndex, bytes: copy, error: line };
    onReject(reject);
    return { bytes: new Uint8Array(0), lines: 0, summary: undefined, rejects: [reject] };
  }
  yield;
  const isAsGiven = record.timestamp !== undefined && rules.onPrecisionLoss === 'refuse';
  return { bytes: yield* joined(line.parts), lines: 1, summary: summaryOf(line, record), rejects: [], isAsGiven };
}

/** A record as it is stored. */
interface StoredRecord {
  readonly parts: readonly Uint8Array[];
  readonly sizeBytes: number;
  readonly timestamp: bigint;
}

/** Returns the record in the sink's precision, with its LF, or why it cannot be written so. */
function encodeRecord(
  bytes: Uint8Array,
  { start, fieldsEnd, timestampStart, timestampEnd, end, timestamp: own }: LongRecord,
  from: Precision,
  { precision, onPrecisionLoss, stamper, stampsIn }: RawLineRules,
  index: number,
): StoredRecord | LineProtocolError {
  try {
    const unit = own !== undefined || stampsIn === 'own unit' ? from : 'ns';
    const given = own ?? stamper.next(unit);
    const timestamp = convertTimestamp(given, unit, precision, onPrecisionLoss);
    const parts =
      own === undefined
        ? [bytes.subarray(start, fieldsEnd), Buffer.from(` ${timestamp}`), newline]
        : [
            bytes.subarray(start, timestampStart),
            Buffer.from(`${timestamp}`),
            bytes.subarray(timestampEnd, end),
            newline,
          ];
    const sizeBytes = parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return overlong(sizeBytes - 1, 'record', index) ?? { parts, sizeBytes, timestamp };
  } catch (error) {
    return whyNotWritten(error, own !== undefined, index, precision);
  }
}

/** Returns `undefined` where `summarizeValidLines` does: for a time before 1970, or with blanks behind it. */
function summaryOf(
  { sizeBytes, timestamp }: StoredRecord,
  { timestampEnd, end, timestamp: own, hasInnerNewline }: LongRecord,
): LineSummary | undefined {
  if (timestamp < 0n || (own !== undefined && timestampEnd < end)) return undefined;
  return {
    lines: 1,
    bytes: sizeBytes,
    firstTimestamp: timestamp,
    lastTimestamp: timestamp,
    recordBytesMax: sizeBytes,
    hasInnerNewline,
  };
}
