import type { Precision } from '@ceres/internal';
import { LineProtocolError } from '../errors';
import { parseLine } from '../lines/parse-line';
import type { Point } from '../point';

/**
 * Reads a line back and compares its names with the point's. InfluxDB reads backslashes in three slightly different
 * ways (where a record ends, where a key ends, what a name is), so that a few combinations of names, each of which is
 * fine alone, change the meaning of what follows them; and two keys that differ in lone surrogates alone, which have no UTF-8, are
 * written as one. Such lines are rare; each is proven.
 */
export function verifyLine(line: string, point: Point, precision: Precision): void {
  if (isReadAs(line, point, precision)) return;
  throw new LineProtocolError(
    'INVALID_NAME',
    `the names of this point cannot be carried together, because of their backslashes or lone surrogates: ${JSON.stringify(line)}`,
  );
}

function isReadAs(line: string, point: Point, precision: Precision): boolean {
  try {
    const read = parseLine(line, { precision });
    return (
      read.measurement === asUtf8(point.measurement) &&
      holdsSame(read.tags, point.tags ?? {}) &&
      holdsSame(read.fields, point.fields)
    );
  } catch (error) {
    if (error instanceof LineProtocolError) return false;
    throw error;
  }
}

/** Same keys, and same texts: numbers and booleans need no escape, so they cannot differ. */
function holdsSame(read: Readonly<Record<string, unknown>>, given: Readonly<Record<string, unknown>>): boolean {
  let count = 0;
  for (const key in given) {
    const value = given[key];
    if (value === undefined || value === null) continue;
    const readValue = read[asUtf8(key)];
    if (typeof value === 'string' ? readValue !== asUtf8(value) : readValue === undefined) return false;
    count += 1;
  }
  return Object.keys(read).length === count;
}

/** A lone surrogate has no UTF-8: it becomes U+FFFD, here as in the line. */
function asUtf8(text: string): string {
  return Buffer.from(text).toString('utf8');
}
