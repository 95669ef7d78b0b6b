import { decompress } from '../../blocks/snappy/decompress';
import { ByteReader } from '../../bytes';
import { placed, TsmError } from '../../errors';
import type { ByteSource } from '../../files/byte-source';
import { ReadAhead } from '../../files/read-ahead';
import { WalContent } from './wal-content';

/** The type of an entry and its length. */
const HEAD_BYTES = 5;

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
  while (position + HEAD_BYTES <= sizeBytes) {
    const head = new ByteReader(await read(position, HEAD_BYTES));
    const type = head.u8();
    const length = head.u32();
    const end = position + HEAD_BYTES + length;
    if (end > sizeBytes) break;
    try {
      const { bytes, length: textLength } = decompress(await read(position + HEAD_BYTES, length), new Uint8Array(0));
      content.add(type, bytes.subarray(0, textLength));
    } catch (error) {
      const isTorn = end === sizeBytes || (await isZero(segment, position));
      if (error instanceof TsmError && isTorn) break;
      throw placed(error, `${name}, entry at ${position}`);
    }
    position = end;
  }
  return position;
}

/** Returns whether only zeros follow: a file system may lengthen a file before it has the bytes. */
async function isZero(segment: ByteSource, position: number): Promise<boolean> {
  const bytes = await segment.read(position, segment.sizeBytes - position);
  return bytes.every((byte) => byte === 0);
}
