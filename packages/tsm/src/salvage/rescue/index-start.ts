import { u32At } from '../../bytes';
import type { ByteSource } from '../../files/byte-source';
import { BLOCKS_START, type BlockCheck } from './block-check';
import { findKey } from './find-key';
import { IndexScan } from './index-scan';

/** The bytes at the end of a file that say where its index begins. */
export const FOOTER_BYTES = 8;
const LENGTH_BYTES = 2;
const KEY_BYTES_MAX = 65_535;

/**
 * Returns where the footer of a damaged file says that the index begins; `undefined` if no index begins there, with the key of the first block.
 *
 * @param end the end of the index
 */
export async function toldIndexStart(source: ByteSource, blocks: BlockCheck, end: number): Promise<number | undefined> {
  if (end <= BLOCKS_START) return undefined;
  const footer = await source.read(end, FOOTER_BYTES);
  const start = u32At(footer, 0) * 4294967296 + u32At(footer, 4);
  if (start < BLOCKS_START || start >= end) return undefined;
  for await (const step of new IndexScan(source, blocks, end, BLOCKS_START).steps(start)) {
    if (step.kind === 'lost' || step.start !== start) return undefined;
    if (await beginsElsewhere(source, blocks, end, step)) return undefined;
    return step.blocks[0]?.offset === BLOCKS_START || step.lost[0]?.offset === BLOCKS_START ? start : undefined;
  }
  return undefined;
}

/**
 * Returns whether a key whose length is wrong begins at another place, before which stands its length: then it is the footer that is damaged, and
 * what was read is a part of the key.
 */
async function beginsElsewhere(
  source: ByteSource,
  blocks: BlockCheck,
  end: number,
  { start, key }: { readonly start: number; readonly key: Uint8Array },
): Promise<boolean> {
  const lengthAt = async (position: number) => {
    const [high = 0, low = 0] = await source.read(position, LENGTH_BYTES);
    return (high << 8) | low;
  };
  if ((await lengthAt(start)) === key.length) return false;
  const head = start + LENGTH_BYTES + key.length;
  const read = (from: number, length: number) => source.read(from, Math.min(length, end - from));
  const from = Math.max(BLOCKS_START, start - KEY_BYTES_MAX - LENGTH_BYTES);
  for await (const place of findKey({ read, end, blocks }, from)) {
    if (place.head > head) return false;
    if (place.head === head) return (await lengthAt(place.start)) === place.key.length;
  }
  return false;
}
