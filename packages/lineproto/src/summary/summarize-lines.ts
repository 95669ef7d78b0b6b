import { asBuffer, SPACE } from '../bytes';
import { isDigit } from '../record/field-value';
import { RecordCursor, recordBounds } from '../scan/scan-lines';
import type { LineSummary } from './line-summary';
import { SummaryBuilder } from './summary-builder';

/**
 * Validates lines and sums them up in a single scan.
 *
 * The last record may lack its LF, which is counted all the same.
 *
 * @returns `undefined` unless every record is valid, has a timestamp from 1970 on, and nothing but a LF stands between two
 *   of them
 */
export function validateAndSummarize(bytes: Uint8Array): LineSummary | undefined {
  const buffer = asBuffer(bytes);
  const cursor = new RecordCursor(buffer, 'validate');
  const { layout } = cursor;
  const builder = new SummaryBuilder(buffer);
  while (cursor.next()) {
    if (cursor.fault !== undefined) return undefined;
    if (!builder.add(cursor.start, layout.timestampStart, layout.timestampEnd, cursor.end)) return undefined;
  }
  return builder.finish();
}

/**
 * Sums up lines that are known to be valid, such as an encoder's.
 *
 * @returns `undefined` for what is rare: a record without a timestamp at its very end, or with one before 1970; a comment
 *   or a blank line
 */
export function summarizeValidLines(bytes: Uint8Array): LineSummary | undefined {
  const buffer = asBuffer(bytes);
  const builder = new SummaryBuilder(buffer);
  for (const { start, end } of recordBounds(buffer)) {
    let digits = end;
    while (digits > start && isDigit(buffer[digits - 1] as number)) digits -= 1;
    if (buffer[digits - 1] !== SPACE || !builder.add(start, digits, end, end)) return undefined;
  }
  return builder.finish();
}
