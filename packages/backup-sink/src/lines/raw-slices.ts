import { LineSplitter, type Precision } from '@ceres/lineproto';
import { encoded, joined } from '../scheduling/turns';
import { type CheckedLines, joinedLines, type OnReject, rejectsMax } from './checked-lines';
import { encodeLongRecord, longRecordBytes } from './long-record';
import { encodeRawLines, type RawLineRules, tooManyRejects } from './raw-lines';

/** A step takes about a millisecond, whatever the lines are. */
const stepBytes = 32 * 1024;
const stepLines = 256;

/**
 * Does what {@link encodeRawLines} does, in steps. The lines are cut into batches of whole records, which are encoded one by one. The
 * bytes that it returns are its own.
 */
export function* encodeRawLinesInSteps(
  lines: string | Uint8Array,
  from: Precision,
  rules: RawLineRules,
  onReject: OnReject,
): Generator<void, CheckedLines, undefined> {
  // A copy of our own, in which the splitter hands out views: collecting one long record would take it too long for a step.
  const bytes = yield* typeof lines === 'string' ? encoded(lines) : joined([lines]);
  const limits = {
    bytesMax: stepBytes,
    linesMax: stepLines,
    recordBytesMax: Math.max(1, bytes.byteLength), // One that is too long is named by its index, as any other fault.
  };
  const splitter = new LineSplitter(limits, { takesChunks: true });
  const parts: CheckedLines[] = [];
  let records = 0;
  let rejects = 0;
  for (let at = 0; at < bytes.byteLength; at += stepBytes) {
    const isLast = at + stepBytes >= bytes.byteLength;
    const batches = splitter.push(bytes.subarray(at, at + stepBytes));
    for (const batch of isLast ? [...batches, ...splitter.end()] : batches) {
      const own = { ...rules, firstIndex: records };
      const isLong = batch.lines === 1 && batch.bytes.byteLength >= longRecordBytes;
      const part = isLong
        ? yield* encodeLongRecord(batch.bytes, from, own, onReject)
        : encodeRawLines(batch.bytes, from, own, onReject);
      parts.push(part);
      records += batch.lines;
      rejects += part.rejects.length;
      const [first] = part.rejects;
      if (first !== undefined && rejects > rejectsMax) throw tooManyRejects(first.error);
      yield;
    }
    yield;
  }
  return yield* joinedLines(parts);
}
