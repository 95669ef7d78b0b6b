import { BACKSLASH, COMMA } from '../bytes';
import { LineProtocolError } from '../errors';
import type { LineRecord } from '../scan/scan-lines';
import { parseLine } from './parse-line';

/** How many spellings of measurements are remembered: bounded for files in which each line has another. */
const SPELLINGS_MAX = 10_000;

/** Returns a function that says whether a record belongs to one of the selected measurements, however it is escaped. */
export function measurementFilter(
  selected: Pick<ReadonlySet<string>, 'has'>,
): (bytes: Buffer, record: LineRecord) => boolean {
  const known = new Map<string, boolean>();
  return (bytes, { start, seriesEnd }) => {
    let end = start;
    while (end < seriesEnd && bytes[end] !== COMMA) end += bytes[end] === BACKSLASH ? 2 : 1;
    const spelling = bytes.toString('latin1', start, Math.min(end, seriesEnd));
    const answer = known.get(spelling);
    if (answer !== undefined) return answer;
    const measurement = unescaped(bytes.toString('utf8', start, Math.min(end, seriesEnd)));
    const isSelected = measurement !== undefined && selected.has(measurement);
    if (known.size >= SPELLINGS_MAX) known.clear();
    known.set(spelling, isSelected);
    return isSelected;
  };
}

/**
 * Returns the measurement as the parser reads it, so that there is one opinion on escapes.
 *
 * @returns `undefined` for what is not a measurement, such as the nothing before `,a=b v=1`: a bad line does not belong to
 *   the selected ones, and is not a reason to give up its file
 */
function unescaped(measurement: string): string | undefined {
  try {
    return parseLine(`${measurement} f=1 0`, { precision: 'ns' }).measurement;
  } catch (error) {
    if (error instanceof LineProtocolError) return undefined;
    throw error;
  }
}
