/** InfluxDB's own maximum (`MaxNameLen` in services/meta/data.go). */
const nameBytesMax = 255;

/** Go's `unicode.IsPrint`: the space is the only blank among these characters. */
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u;

/**
 * Returns why InfluxDB creates no database and no policy of that name (`ValidName` in services/meta/data.go); `undefined` if it does. It
 * takes a write to such a name, and answers that the database or policy does not exist.
 */
export function nameRefusal(name: string): string | undefined {
  if (name === '.' || name === '..') return 'InfluxDB takes no name that stands for a folder';
  if (/[/\\]/.test(name)) return 'InfluxDB takes no name with a slash or a backslash';
  if (!printable.test(name)) return 'InfluxDB takes no name with control characters or blanks other than a space';
  if (Buffer.byteLength(name) > nameBytesMax) return `InfluxDB takes no name of more than ${nameBytesMax} bytes`;
  return undefined;
}
