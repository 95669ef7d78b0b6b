import { BACKSLASH, COMMA, EQUALS, QUOTE, SPACE } from '../bytes';
import type { ByteWriter } from './byte-writer';

/** Whether a byte stands for itself in every name; and in a string value. What does not is left to the functions of `escape.ts`. */
const PLAIN_NAME = plainBytes([COMMA, EQUALS, SPACE, QUOTE, BACKSLASH]);
const PLAIN_STRING = plainBytes([QUOTE, BACKSLASH]);

function plainBytes(special: readonly number[]): Uint8Array {
  const plain = new Uint8Array(128);
  for (let byte = 0x20; byte < 0x7f; byte += 1) plain[byte] = special.includes(byte) ? 0 : 1;
  return plain;
}

/** Writes a name that needs no escape and no check; returns false, and has written nothing, if it may need either. */
export function writePlainName(writer: ByteWriter, text: string): boolean {
  return writePlain(writer, text, PLAIN_NAME) && text.length > 0;
}

/** Writes what became of a name that is not plain. */
export function writeEscapedName(writer: ByteWriter, name: string, escaped: string): void {
  writer.holdsBackslash ||= name.includes('\\');
  writer.utf8(escaped);
}

/** As {@link writePlainName} for the text between the quotes of a string value. */
export function writePlainString(writer: ByteWriter, text: string): boolean {
  return writePlain(writer, text, PLAIN_STRING);
}

function writePlain(writer: ByteWriter, text: string, plain: Uint8Array): boolean {
  const { length } = text;
  writer.reserve(length);
  const { bytes, at } = writer;
  for (let i = 0; i < length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7e || plain[unit] === 0) return false;
    bytes[at + i] = unit;
  }
  writer.at = at + length;
  return true;
}
