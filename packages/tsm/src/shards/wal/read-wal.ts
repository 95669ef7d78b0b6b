import { decompress } from '../../blocks/snappy/decompress';
import { ByteReader } from '../../bytes';
import { placed, TsmError } from '../../errors';
import type { ByteSource } from '../../files/byte-source';
import { ReadAhead } from '../../files/read-ahead';
import { parseWalEntry, WalContent, type WalEntry } from './wal-content';

/** The type of an entry and its length. */
export const WAL_HEAD_BYTES = 5;

/** Says that the last write into a segment of a WAL did not get to its end. InfluxDB had not acknowledged it. Format: docs/storage-engine.md, "WAL". */
export interface WalCut {
  /** The segment's name. */
  readonly segment: string;
  /** The offset of the unfinished entry. */
  readonly position: number;
  readonly sizeBytes: number;
}

/**
 * Reads the segments of a WAL, in the order in which they were written. An entry is its type, its length as u32, and snappy of what
 * `WalContent` describes. It has no checksum.
 *
 * A crash may leave a part of an entry at the end of a segment. As influxd does when it starts, this leaves it out.
 *
 * @throws TsmError `DAMAGED`: an entry that others follow cannot be read
 */
export async function readWal(
  segments: readonly ByteSource[],
): Promise<{ content: WalContent; cuts: readonly WalCut[] }> {
  const content = new WalContent();
  const cuts: WalCut[] = [];
  for (const segment of segments) {
    const position = await readSegment(segment, content);
    if (position < segment.sizeBytes) cuts.push({ segment: segment.name, position, sizeBytes: segment.sizeBytes });
  }
  return { content, cuts };
}

/** Returns where the last whole entry ends. */
async function readSegment(segment: ByteSource, content: WalContent): Promise<number> {
  const { name, sizeBytes } = segment;
  const ahead = new ReadAhead(segment, sizeBytes);
  const read = async (from: number, length: number) => ahead.peek(from, length) ?? (await ahead.load(from, length));
  let position = 0;
  while (position + WAL_HEAD_BYTES <= sizeBytes) {
    const head = new ByteReader(await read(position, WAL_HEAD_BYTES));
    const type = head.u8();
    const length = head.u32();
    const end = position + WAL_HEAD_BYTES + length;
    if (end > sizeBytes) break;
    try {
      content.add(readWalEntry(type, await read(position + WAL_HEAD_BYTES, length)));
    } catch (error) {
      const isTorn = end === sizeBytes || (await isZero(segment, position));
      if (error instanceof TsmError && isTorn) break;
      throw placed(error, `${name}, entry at ${position}`);
    }
    position = end;
  }
  return position;
}

/**
 * Reads an entry from its bytes behind its head.
 *
 * @throws TsmError `DAMAGED`
 */
export function readWalEntry(type: number, bytes: Uint8Array): WalEntry {
  const text = decompress(bytes, new Uint8Array(0));
  return parseWalEntry(type, text.bytes.subarray(0, text.length));
}

/** Returns whether only zeros follow: a file system may lengthen a file before it has the bytes. */
export async function isZero(segment: ByteSource, position: number): Promise<boolean> {
  const bytes = await segment.read(position, segment.sizeBytes - position);
  return bytes.every((byte) => byte === 0);
}
