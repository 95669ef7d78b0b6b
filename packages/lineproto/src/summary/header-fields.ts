import type { FileSummary } from '../file/header/file-header';
import { RECORD_BYTES_MAX } from '../options';
import type { LineSummary, SummaryTimes } from './line-summary';

/** What a file's header says of its lines. Spread it into a {@link FileHeader}. */
export interface LineHeaderFields {
  /** Absent if no record has a timestamp. */
  readonly summary?: FileSummary;
  /** Why InfluxDB's own importer would get the lines wrong; empty if it gets them right. */
  readonly notImportable: readonly string[];
}

/** InfluxDB's importer posts this many lines at a time, in one request. */
export const IMPORTER_BATCH_LINES = 5_000;
const REQUEST_BYTES_MAX = RECORD_BYTES_MAX;

/**
 * Returns what a file's header says of lines with this summary.
 *
 * @returns `undefined` where the summary is not enough, so that a {@link LineSummarizer} must read the lines: no record has a
 *   timestamp, or the records are so long that it depends on their order whether the importer can post them
 */
export function headerFieldsOf(summary: LineSummary): Required<LineHeaderFields> | undefined {
  if (summary.recordBytesMax * IMPORTER_BATCH_LINES > REQUEST_BYTES_MAX) return undefined;
  const fileSummary = fileSummaryOf(summary.lines, summary.bytes, summary);
  if (fileSummary === undefined) return undefined;
  return { summary: fileSummary, notImportable: importerObstacles(summary.hasInnerNewline, 0) };
}

/** Returns what the header says of the lines; `undefined` if no record has a timestamp. */
export function fileSummaryOf(
  lines: number,
  bytes: number,
  { firstTimestamp, lastTimestamp }: SummaryTimes,
): FileSummary | undefined {
  if (firstTimestamp === undefined || lastTimestamp === undefined) return undefined;
  return { lines, bytes, firstTimestamp, lastTimestamp };
}

/**
 * Returns why InfluxDB's own importer would get lines wrong.
 *
 * @param batchBytes the most that {@link IMPORTER_BATCH_LINES} consecutive lines have
 */
export function importerObstacles(hasInnerNewline: boolean, batchBytes: number): string[] {
  const obstacles: string[] = [];
  if (hasInnerNewline) obstacles.push('the importer would double a newline inside a string value');
  if (batchBytes > REQUEST_BYTES_MAX) {
    obstacles.push(`the importer would post ${IMPORTER_BATCH_LINES} lines of ${batchBytes} bytes at once`);
  }
  return obstacles;
}
