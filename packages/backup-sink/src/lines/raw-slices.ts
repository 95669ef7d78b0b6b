import { LineProtocolError, LineSplitter, type LineSummary, type Precision, RECORD_BYTES_MAX } from '@ceres/lineproto';
import { emptySummary, joinSummaries } from '@ceres/lineproto/internal';
import { joined } from '../scheduling/turns';
import { type CheckedLines, type OnReject, type Reject, rejectsMax } from './checked-lines';
import { encodeRawLines, type RawLineRules, tooManyRejects } from './raw-lines';

/** A step takes about a millisecond, whatever the lines are. */
const stepBytes = 32 * 1024;
const stepLines = 256;

/**
 * Does what {@link encodeRawLines} does, in steps. The lines are cut into batches of whole records, which are encoded one by one. The
 * bytes that it returns are its own.
 *
 * @throws LineProtocolError `SYNTAX` for a record of 25,000,000 bytes or more, which no step could take
 */
export function* encodeRawLinesInSteps(
  bytes: Uint8Array,
  from: Precision,
  rules: RawLineRules,
  onReject: OnReject,
): Generator<void, CheckedLines, undefined> {
  const splitter = new LineSplitter({
    bytesMax: stepBytes,
    linesMax: stepLines,
    recordBytesMax: RECORD_BYTES_MAX,
  });
  const pieces: Uint8Array[] = [];
  const rejects: Reject[] = [];
  let summary: LineSummary | undefined = emptySummary;
  let lines = 0;
  let records = 0;
  for (let at = 0; at < bytes.byteLength; at += stepBytes) {
    const isLast = at + stepBytes >= bytes.byteLength;
    const batches = splitter.push(bytes.subarray(at, at + stepBytes));
    for (const batch of isLast ? [...batches, ...splitter.end()] : batches) {
      const encoded = encodeRawLines(batch.bytes, from, { ...rules, firstIndex: records }, onReject);
      if (encoded.lines > 0) pieces.push(encoded.bytes);
      for (const reject of encoded.rejects) {
        if (rejects.push(reject) > rejectsMax) throw tooManyRejects(reject.error);
      }
      summary = summary && encoded.summary && joinSummaries(summary, encoded.summary);
      lines += encoded.lines;
      records += batch.lines;
      yield;
    }
    yield;
  }
  return { bytes: yield* joined(pieces), lines, summary, rejects, isOwned: true };
}

/** Says whether a write failed because one of its records is too long to be encoded in steps. */
export function isOverlongRecord(error: unknown): boolean {
  return error instanceof LineProtocolError && error.code === 'SYNTAX';
}
