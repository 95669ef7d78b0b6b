import type { Precision } from '@ceres/internal';
import { LineProtocolError } from '../errors';
import { parseLine } from '../lines/parse-line';
import type { Point } from '../point';
import { quote } from '../record/escape';

/**
 * Reads a line back and compares its names with the point's.
 *
 * InfluxDB reads backslashes in three slightly different ways: for where a record ends, where a key ends, and what a name is. So
 * a few combinations of names, each of which is fine alone, change the meaning of what follows them. And two keys that differ
 * only in lone surrogates, which have no UTF-8, are written as one. Such lines are rare, and each is checked here.
 */
export function verifyLine(line: string, point: Point, precision: Precision): void {
  if (isReadAs(line, point, precision)) return;
  throw new LineProtocolError(
    'INVALID_NAME',
    `line protocol cannot carry the names of this point together, because of their backslashes or lone surrogates: rename one of them in ${quote(line)}`,
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

/** Returns whether keys and texts are the same. Numbers and booleans need no escape, so they cannot differ. */
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

/** Returns the text as a line holds it: a lone surrogate has no UTF-8 and becomes U+FFFD. */
function asUtf8(text: string): string {
  return Buffer.from(text).toString('utf8');
}
