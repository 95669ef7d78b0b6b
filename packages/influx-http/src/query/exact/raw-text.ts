import { isUtf8 } from 'node:buffer';

/** True for a text of ASCII alone, which is the same in every form. */
const isAscii = (text: string) => /^[\0-\x7f]*$/.test(text);

/**
 * Returns a raw text, which has one character for each byte, for a person: as UTF-8, where each byte that is not UTF-8 becomes
 * `\xff`. A comparison keeps raw text, because two names or strings may differ only in such bytes.
 */
export function shown(raw: string): string {
  if (isAscii(raw)) return raw;
  const bytes = Buffer.from(raw, 'latin1');
  if (isUtf8(bytes)) return bytes.toString();
  return characters(bytes)
    .map((character) => (typeof character === 'number' ? `\\x${character.toString(16)}` : character))
    .join('');
}

/**
 * Cuts bytes into characters, and into single bytes where they are not UTF-8, as Go does. A decoder of the Web's kind would take
 * several of them for one.
 */
export function characters(bytes: Buffer): (string | number)[] {
  const found: (string | number)[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = [1, 2, 3, 4].find((n) => at + n <= bytes.length && isUtf8(bytes.subarray(at, at + n)));
    found.push(size === undefined ? (bytes[at] as number) : bytes.toString('utf8', at, at + size));
    at += size ?? 1;
  }
  return found;
}
