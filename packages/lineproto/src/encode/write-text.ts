import { BACKSLASH, COMMA, EQUALS, QUOTE, SPACE } from '../bytes';
import type { ByteWriter } from './byte-writer';

/** What happens to an ASCII byte of a text. */
const PLAIN = 0;
const ESCAPED = 1; // gets a backslash
const SPECIAL = 2; // is left to the functions of `escape.ts`, which also know what cannot be written at all

/** By byte. A table for each place where a text can stand; see `escape.ts` for the rules. */
export type TextTable = Uint8Array;

export const MEASUREMENT = nameTable([COMMA, SPACE]);
export const TAG = nameTable([COMMA, EQUALS, SPACE]);
export const FIELD_KEY = nameTable([COMMA, EQUALS, SPACE]);
export const STRING_VALUE = table({ escaped: [QUOTE, BACKSLASH], special: [] });

/** In names, control characters and backslashes need a closer look. */
function nameTable(escaped: readonly number[]): TextTable {
  const controls = Array.from({ length: SPACE }, (_, byte) => byte);
  return table({ escaped, special: [...controls, BACKSLASH] });
}

function table(bytes: { readonly escaped: readonly number[]; readonly special: readonly number[] }): TextTable {
  const codes = new Uint8Array(128).fill(PLAIN);
  for (const byte of bytes.escaped) codes[byte] = ESCAPED;
  for (const byte of bytes.special) codes[byte] = SPECIAL;
  return codes;
}

/** Writes a text of ASCII without special bytes, escaped; of another, or of an empty one, it writes nothing and returns false. */
export function writeAscii(writer: ByteWriter, text: string, codes: TextTable): boolean {
  const { length } = text;
  writer.reserve(2 * length);
  const { bytes } = writer;
  let { at } = writer;
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    // Beyond the table, and so beyond ASCII, there is no code.
    const code = codes[unit];
    if (code !== PLAIN) {
      if (code !== ESCAPED) return false;
      bytes[at] = BACKSLASH;
      at += 1;
    }
    bytes[at] = unit;
    at += 1;
  }
  writer.at = at;
  return length > 0;
}

/** Writes what became of a name that {@link writeAscii} did not write. */
export function writeEscapedName(writer: ByteWriter, name: string, escaped: string): void {
  writer.holdsBackslash ||= name.includes('\\');
  writer.utf8(escaped);
}
