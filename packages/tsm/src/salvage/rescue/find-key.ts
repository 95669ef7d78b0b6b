import { blockTypes } from '../../blocks/block';
import { u32At } from '../../bytes';
import { ENTRY_BYTES } from '../../files/index/block-list';
import type { BlockCheck } from './block-check';

/** A key that was found, and what stands behind it. */
export interface KeyPlace {
  readonly key: Uint8Array;
  /** The beginning of its entry, with the length of the key. */
  readonly start: number;
  /** The end of the key: its type and the number of its blocks follow. */
  readonly head: number;
}

/** The bytes in which keys are looked for. */
export interface SearchedBytes {
  /** Reads as many bytes as there are, at most `length`. */
  read(position: number, length: number): Promise<Uint8Array>;
  readonly end: number;
  readonly blocks: BlockCheck;
}

const SEPARATOR = Buffer.from('#!~#');
const LENGTH_BYTES = 2;
const HEAD_BYTES = 3;
const KEY_BYTES_MAX = 65_535;
const WINDOW_BYTES = 64 * 1024;

/**
 * Looks for keys from a position on, and yields those that can be one: printable, with one separator, and in front of an entry that leads to a
 * block with a right checksum. Anything else would invent series.
 *
 * The length in front of a key may be what is damaged: then the key begins at `position`, where the entry before it ends.
 */
export async function* findKey(bytes: SearchedBytes, position: number): AsyncGenerator<KeyPlace> {
  let isFirst = true;
  for (let at = await indexOf(bytes, position); at !== -1; ) {
    const next = await indexOf(bytes, at + SEPARATOR.length);
    const head = await findHead(bytes, at, next === -1 ? bytes.end : next);
    const place = head === undefined ? undefined : await placeOf(bytes, at, head, position, isFirst);
    if (place !== undefined) yield place;
    isFirst = false;
    at = next;
  }
}

/** Finds the next separator. */
async function indexOf(bytes: SearchedBytes, from: number): Promise<number> {
  for (let at = from; at + SEPARATOR.length <= bytes.end; at += WINDOW_BYTES - SEPARATOR.length + 1) {
    const window = await bytes.read(at, WINDOW_BYTES);
    const index = Buffer.from(window.buffer, window.byteOffset, window.length).indexOf(SEPARATOR);
    if (index !== -1) return at + index;
  }
  return -1;
}

/** Finds where the key ends whose separator is at `separator`: the first place at which an entry leads to a block. */
async function findHead(bytes: SearchedBytes, separator: number, next: number): Promise<number | undefined> {
  const from = separator + SEPARATOR.length + 1;
  const to = Math.min(next, separator + KEY_BYTES_MAX, bytes.end - HEAD_BYTES - ENTRY_BYTES + 1);
  if (from >= to) return undefined;
  const window = await bytes.read(from, to - from + HEAD_BYTES + ENTRY_BYTES);
  for (let i = 0; i < to - from && !bytes.blocks.isExhausted; i += 1) {
    if (blockTypes[window[i] as number] === undefined) continue;
    const offset = u32At(window, i + HEAD_BYTES + 16) * 4294967296 + u32At(window, i + HEAD_BYTES + 20);
    const sizeBytes = u32At(window, i + HEAD_BYTES + 24);
    if ((await bytes.blocks.check(offset, sizeBytes)) !== undefined) return from + i;
  }
  return undefined;
}

/** Finds where the key begins that ends at `head`: where the two bytes before it are its length. */
async function placeOf(
  bytes: SearchedBytes,
  separator: number,
  head: number,
  position: number,
  isFirst: boolean,
): Promise<KeyPlace | undefined> {
  const from = Math.max(position, head - KEY_BYTES_MAX - LENGTH_BYTES);
  const window = await bytes.read(from, head - from);
  const keyFrom = (start: number) => window.subarray(start + LENGTH_BYTES);
  for (let start = separator - from - LENGTH_BYTES - 1; start >= 0; start -= 1) {
    // Behind a length, only text can stand.
    if (isControl(window[start + LENGTH_BYTES] as number)) break;
    const length = ((window[start] as number) << 8) | (window[start + 1] as number);
    if (length === keyFrom(start).length && isPrintable(keyFrom(start)))
      return { key: keyFrom(start).slice(), start: from + start, head };
  }
  if (!isFirst || from !== position || !isPrintable(keyFrom(0))) return undefined;
  return { key: keyFrom(0).slice(), start: position, head };
}

/** Returns whether bytes are UTF-8 without control characters. */
export function isPrintable(bytes: Uint8Array): boolean {
  if (bytes.some(isControl)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function isControl(byte: number): boolean {
  return byte < 0x20 || byte === 0x7f;
}
