import { LineProtocolError } from '../errors';

/**
 * Escapes text so that InfluxDB 1.x reads it back. Sources: its `models/points.go` and `pkg/escape`, and the differential
 * test against a real server.
 *
 * A backslash before one of the bytes that end a name makes that byte part of the name; before any other byte it is a
 * backslash. There is no escape for the backslash itself, so a name cannot end in one, and before an escapable byte
 * only some are safe. String values are different: there `\"` and `\\` stand for a quote and a backslash.
 */

/** Reverses {@link escapeMeasurement} and {@link escapeFieldKey}. */
export function unescapeName(text: string): string {
  return text.includes('\\') ? text.replace(/\\([," =])/g, '$1') : text;
}

/** Reverses {@link escapeTag}. */
export function unescapeTag(text: string): string {
  return text.includes('\\') ? text.replace(/\\([, =])/g, '$1') : text;
}

/** Reverses {@link escapeString}. */
export function unescapeString(text: string): string {
  return text.includes('\\') ? text.replace(/\\(["\\])/g, '$1') : text;
}

/** Escapes a string value. Any text can be one, newlines, NUL and quotes included. */
export function escapeString(text: string): string {
  return /["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text;
}

/**
 * Escapes `,` and space.
 *
 * A backslash before `,`, `"`, `=` or space is refused: InfluxDB 1.6 stores such a measurement but cannot query it.
 */
export function escapeMeasurement(name: string): string {
  checkName(name, 'measurement');
  if (name.startsWith('#')) throw invalid('measurement', name, "begins with '#', which makes the line a comment");
  checkStart(name, 'measurement');
  if (/\\[," =]/.test(name)) throw invalid('measurement', name, 'has a backslash before a comma, quote, = or space');
  return /[, ]/.test(name) ? name.replace(/[, ]/g, '\\$&') : name;
}

/** Escapes `,`, `=` and space. */
export function escapeTagKey(key: string): string {
  checkName(key, 'tag key');
  if (key === 'time') throw invalid('tag key', key, "is InfluxDB's own time column");
  return escapeTag(key);
}

/** Escapes `,`, `=` and space. */
export function escapeTagValue(value: string, key: string): string {
  checkName(value, `value of tag ${quote(key)}`);
  return escapeTag(value);
}

/** Escapes `,`, `=` and space, and a quote after a backslash. */
export function escapeFieldKey(key: string): string {
  checkName(key, 'field key');
  if (key === 'time') throw invalid('field key', key, "is InfluxDB's own time column");
  checkStart(key, 'field key');
  if (!/[, ="]/.test(key)) return key;
  // InfluxDB pairs backslashes here: after an odd number of them the escape would itself be escaped.
  if (/(?<!\\)(?:\\\\)*\\[, =]/.test(key))
    throw invalid('field key', key, 'has a backslash before a comma, = or space');
  return key.replace(/[, =]|(?<=\\)"/g, '\\$&');
}

/** Escapes a text that {@link escapeTagKey} or {@link escapeTagValue} has accepted. */
function escapeTag(text: string): string {
  return /[, =]/.test(text) ? text.replace(/[, =]/g, '\\$&') : text;
}

function checkName(name: string, what: string): void {
  if (name === '') throw new LineProtocolError('INVALID_NAME', `the ${what} is empty; give it at least one byte`);
  if (name.includes('\n')) throw invalid(what, name, 'holds a newline');
  if (name.endsWith('\\')) throw invalid(what, name, 'ends in a backslash');
}

/** InfluxDB drops tabs and NUL bytes that stand first in a line or first in the fields. */
function checkStart(name: string, what: string): void {
  if (name.startsWith('\t') || name.startsWith('\0')) throw invalid(what, name, 'begins with a tab or NUL');
}

function invalid(what: string, name: string, why: string): LineProtocolError {
  return new LineProtocolError(
    'INVALID_NAME',
    `the ${what} ${quote(name)} ${why}; line protocol cannot carry that, so rename it`,
  );
}

/** Returns a text in quotes for a message, cut where it is long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
