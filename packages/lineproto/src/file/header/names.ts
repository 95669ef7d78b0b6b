import { LineProtocolError } from '../../errors';

/**
 * Why InfluxDB's importer cannot read a database or policy name from a `# CONTEXT-` line: it cuts the name at a second
 * colon and trims it. `undefined` if it can.
 */
export function nameObstacle(name: string): string | undefined {
  if (name.includes(':')) return `the importer would cut the name ${JSON.stringify(name)} at its colon`;
  if (name !== name.trim()) return `the importer would trim the name ${JSON.stringify(name)}`;
  return undefined;
}

/**
 * @throws LineProtocolError `INVALID_NAME` for a control character or a lone surrogate, which no header line can carry
 */
export function checkHeaderText(what: string, text: string): string {
  if (typeof text !== 'string' || /[\p{Cc}\p{Cs}]/u.test(text)) {
    throw new LineProtocolError(
      'INVALID_NAME',
      `the ${what} ${JSON.stringify(text)} cannot stand in a file header: it must be text without control characters`,
    );
  }
  return text;
}

/** UTF-8 percent-encoded outside `[A-Za-z0-9._-]`, as in object keys. */
export function percentEncode(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/gu, (character) =>
    Array.from(Buffer.from(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** @throws URIError if the text was not made by {@link percentEncode} */
export function percentDecode(text: string): string {
  return decodeURIComponent(text);
}
