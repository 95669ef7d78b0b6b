import { LineProtocolError } from '../../errors';

/** A name as it stands in a line: escaped once, then copied four bytes at a time. */
export interface WrittenName {
  readonly text: string;
  /** The escaped name with what stands around it. What the last word has beyond `byteLength` means nothing. */
  readonly words: readonly number[];
  readonly byteLength: number;
  /** Whether the line must be read back: see `verifyLine`. */
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

/** Up to four ASCII letters, the first in the lowest bits. */
export function toWord(text: string): number {
  return Buffer.from(text.padEnd(4, '\0')).readInt32LE();
}

/** For what was given in place of a point, its tags or its fields. */
export function notAnObject(what: string, value: unknown): LineProtocolError {
  const shown = value === null ? 'null' : typeof value;
  return new LineProtocolError('INVALID_VALUE', `${what} must be an object, not ${shown}`);
}

/** For what was given in place of a name. */
export function notText(what: string, value: unknown): LineProtocolError {
  return new LineProtocolError('INVALID_NAME', `${what} is not a string but ${value === null ? 'null' : typeof value}`);
}
