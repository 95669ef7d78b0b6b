import { LineProtocolError } from '../../errors';

/** A name as it stands in a line. It is escaped once, then copied four bytes at a time. */
export interface WrittenName {
  readonly text: string;
  /** The escaped name with what stands around it. The last word may go beyond `byteLength`; the rest of it means nothing. */
  readonly words: readonly number[];
  readonly byteLength: number;
  /** Set if the line must be read back: see `verifyLine`. */
  readonly needsProof: boolean;
}

/** @param before,after what stands around the name, such as its `=` */
export function writtenName(text: string, escaped: string, before: string, after: string): WrittenName {
  const bytes = Buffer.from(before + escaped + after);
  const padded = Buffer.concat([bytes], 4 * Math.ceil(bytes.length / 4));
  return {
    text,
    words: Array.from({ length: padded.length / 4 }, (_, i) => padded.readInt32LE(4 * i)),
    byteLength: bytes.length,
    needsProof: /\\|\p{Surrogate}/u.test(text),
  };
}

/** Returns up to four ASCII letters as a word, the first in the lowest bits. */
export function toWord(text: string): number {
  // Two thousand numbers are made when the package loads, in each thread: with a Buffer for each, that takes 4 ms more.
  let word = 0;
  for (let i = text.length - 1; i >= 0; i -= 1) word = (word << 8) | text.charCodeAt(i);
  return word;
}

/** Returns the error for a value given in place of a point, its tags or its fields. */
export function notAnObject(what: string, value: unknown): LineProtocolError {
  const shown = value === null ? 'null' : typeof value;
  return new LineProtocolError('INVALID_VALUE', `expected ${what} to be an object, got ${shown}`);
}

/** Returns the error for a value given in place of a name. */
export function notText(what: string, value: unknown): LineProtocolError {
  return new LineProtocolError(
    'INVALID_NAME',
    `expected ${what} to be a string, got ${value === null ? 'null' : typeof value}`,
  );
}
