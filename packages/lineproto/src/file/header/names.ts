import { LineProtocolError } from '../../errors';

/**
 * Returns why InfluxDB's importer cannot read a database or policy name from a `# CONTEXT-` line: it cuts the name at a second
 * colon and trims it.
 *
 * @returns `undefined` if the importer can read the name
 */
export function nameObstacle(name: string): string | undefined {
  if (name.includes(':')) return `the importer would cut the name ${JSON.stringify(name)} at its colon`;
  if (name !== name.trim()) return `the importer would trim the name ${JSON.stringify(name)}`;
  return undefined;
}

/**
 * Returns `text` if a header line can carry it.
 *
 * @throws LineProtocolError `INVALID_NAME` for a control character or a lone surrogate
 */
export function checkHeaderText(what: string, text: string): string {
  if (typeof text !== 'string' || /[\p{Cc}\p{Cs}]/u.test(text)) {
    throw new LineProtocolError(
      'INVALID_NAME',
      `expected the ${what} to be text without control characters, as a file header needs it, got ${JSON.stringify(text)}`,
    );
  }
  return text;
}

/** Percent-encodes the UTF-8 of all characters outside `[A-Za-z0-9._-]`, as in object keys. */
export function percentEncode(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/gu, (character) =>
    Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** Reverses {@link percentEncode}. @throws URIError if the text was not made by it */
export function percentDecode(text: string): string {
  return decodeURIComponent(text);
}
