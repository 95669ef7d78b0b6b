import { BACKSLASH, COMMA, EQUALS, LF, QUOTE, SPACE } from '../../bytes';
import type { ByteWriter } from '../byte-writer';

/** The byte is written as it is. */
const PLAIN = 0;
const ESCAPED = 1; // is written after a backslash
const SPECIAL = 2; // is left to the functions of `escape.ts`, which also know what cannot be written at all

const ASCII_MAX = 0x7f;

/** Says for each ASCII byte what happens to it, in one place where a text can stand. `escape.ts` has the rules. */
export type TextTable = Uint8Array;

// In a name, control characters and backslashes need a closer look; in a string, the writer takes note of newlines.
const CONTROLS = Array.from({ length: SPACE }, (_, byte) => byte);
export const TAG_VALUE = table({ escaped: [COMMA, EQUALS, SPACE], special: [...CONTROLS, BACKSLASH] });
export const STRING_VALUE = table({ escaped: [QUOTE, BACKSLASH], special: [LF] });

function table(bytes: { readonly escaped: readonly number[]; readonly special: readonly number[] }): TextTable {
  const codes = new Uint8Array(ASCII_MAX + 1).fill(PLAIN);
  for (const byte of bytes.escaped) codes[byte] = ESCAPED;
  for (const byte of bytes.special) codes[byte] = SPECIAL;
  return codes;
}

export const NOT_WRITTEN = -1;

/** Writes an ASCII text without special bytes, escaped; returns `NOT_WRITTEN` for any other text, and for an empty one. */
export function writeAscii(writer: ByteWriter, start: number, text: string, codes: TextTable): number {
  const { length } = text;
  writer.reserve(start, 2 * length);
  const { bytes, view } = writer;
  let at = start;
  let i = 0;
  // Writes four at a time, up to the first that is not plain.
  for (; i + 4 <= length; i += 4) {
    const a = text.charCodeAt(i);
    const b = text.charCodeAt(i + 1);
    const c = text.charCodeAt(i + 2);
    const d = text.charCodeAt(i + 3);
    if ((a | b | c | d) > ASCII_MAX) return NOT_WRITTEN;
    if (((codes[a] as number) | (codes[b] as number) | (codes[c] as number) | (codes[d] as number)) !== PLAIN) break;
    view.setInt32(at, a | (b << 8) | (c << 16) | (d << 24), true);
    at += 4;
  }
  for (; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit > ASCII_MAX) return NOT_WRITTEN;
    const code = codes[unit];
    if (code !== PLAIN) {
      if (code !== ESCAPED) return NOT_WRITTEN;
      bytes[at] = BACKSLASH;
      at += 1;
    }
    bytes[at] = unit;
    at += 1;
  }
  return length > 0 ? at : NOT_WRITTEN;
}
