import { unescapeName, unescapeTag } from '@ceres/lineproto/internal';
import type { Tag } from './point-hash';

const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const EQUALS = 0x3d;

/** A series key in its parts, as raw text. */
export interface SeriesNames {
  readonly measurement: string;
  /** The offset in the key at which its name ends. */
  readonly nameEnd: number;
  readonly tags: readonly Tag[];
}

/** Cuts a series key as InfluxDB stores it: measurement and tags, escaped as in line protocol. It need not be UTF-8. */
export function cutSeriesKey(key: Uint8Array): SeriesNames {
  const bytes = Buffer.from(key.buffer, key.byteOffset, key.length);
  const nameEnd = endOf(bytes, 0, COMMA);
  const tags: Tag[] = [];
  for (let at = nameEnd; at < bytes.length; ) {
    const start = at + 1;
    at = endOf(bytes, start, COMMA);
    const equals = Math.min(at, endOf(bytes, start, EQUALS));
    const value = bytes.toString('latin1', Math.min(at, equals + 1), at);
    tags.push([unescapeTag(bytes.toString('latin1', start, equals)), unescapeTag(value)]);
  }
  return { measurement: unescapeName(bytes.toString('latin1', 0, nameEnd)), nameEnd, tags };
}

/** Returns the offset of the next such byte that no backslash stands before, or the end. */
function endOf(bytes: Buffer, from: number, byte: number): number {
  let at = bytes.indexOf(byte, from);
  while (at > from && bytes[at - 1] === BACKSLASH) at = bytes.indexOf(byte, at + 1);
  return at === -1 ? bytes.length : at;
}
