/** A field that the server holds with another type. Types are in InfluxDB's words: float, integer, string, boolean. */
export interface TypeConflict {
  readonly measurement: string;
  readonly field: string;
  /** The type in the lines that were sent. */
  readonly given: string;
  /** The type in the shard. */
  readonly existing: string;
}

const begins = 'field type conflict: input field ';
const between = ' on measurement ';
const types = /" is type (\w+), already exists as type (\w+) dropped=\d+( for database: )?/;

/**
 * Returns the conflict that the message of a `TYPE_CONFLICT` names; `undefined` if it names none. Servers up to 1.11 quote
 * both names unescaped (`tsdb/shard.go`), 1.12 as Go does.
 */
export function readTypeConflict(message: string): TypeConflict | undefined {
  const found = types.exec(message);
  const [, given, existing, from1_12On] = found ?? [];
  const start = message.indexOf(begins) + begins.length;
  if (!found || given === undefined || existing === undefined || start < begins.length) return undefined;
  const names = message.slice(start, found.index + 1);
  const middle = names.lastIndexOf(`"${between}"`) + 1;
  if (middle === 0) return undefined;
  const read = from1_12On === undefined ? (text: string) => text.slice(1, -1) : unquoteGo;
  return {
    measurement: read(names.slice(middle + between.length)),
    field: read(names.slice(0, middle)),
    given,
    existing,
  };
}

const goEscapes: Readonly<Record<string, number>> = { a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** Returns the text inside a string literal of Go (`strconv.Quote`). Bytes that are not UTF-8 become U+FFFD, as everywhere. */
function unquoteGo(quoted: string): string {
  const parts: Buffer[] = [];
  for (const [text] of quoted.slice(1, -1).matchAll(/\\(?:x[\da-f]{2}|u[\da-f]{4}|U[\da-f]{8}|.)|[^\\]+|\\$/gs)) {
    parts.push(text.startsWith('\\') ? unescapeGo(text.slice(1)) : Buffer.from(text));
  }
  return Buffer.concat(parts).toString();
}

function unescapeGo(sequence: string): Buffer {
  const kind = sequence.charAt(0);
  const code = Number.parseInt(sequence.slice(1), 16);
  if (kind === 'x' && sequence.length > 1) return Buffer.from([code]);
  if (/^[uU]./.test(sequence)) return Buffer.from(code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd');
  const control = goEscapes[kind];
  return control === undefined ? Buffer.from(sequence) : Buffer.from([control]);
}
