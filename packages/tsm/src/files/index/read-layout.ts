import { u32At } from '../../bytes';
import { damaged, TsmError } from '../../errors';
import type { ByteSource } from '../byte-source';
import type { TsmLayout } from './index-cursor';

const MAGIC = 0x16d116d1;
const VERSION = 1;
/** The magic number and the version. */
export const HEAD_BYTES: number = 5;
/** The offset of the index. */
const FOOTER_BYTES = 8;
/**
 * Finds where the index of a TSM file lies.
 *
 * @throws TsmError `NOT_TSM`, `DAMAGED`, `INCOMPLETE`, `UNREADABLE`
 */
export async function readLayout(source: ByteSource): Promise<TsmLayout> {
  const { name, sizeBytes } = source;
  if (sizeBytes < HEAD_BYTES + FOOTER_BYTES) {
    throw new TsmError('INCOMPLETE', `${name} has ${sizeBytes} bytes, fewer than any TSM file.`);
  }
  const head = await source.read(0, HEAD_BYTES);
  if (u32At(head, 0) !== MAGIC)
    throw new TsmError('NOT_TSM', `${name} is not a TSM file: it does not begin with 16D116D1.`);
  if (head[4] !== VERSION)
    throw new TsmError('NOT_TSM', `${name} has version ${head[4]} of the TSM format, not ${VERSION}.`);
  const footer = await source.read(sizeBytes - FOOTER_BYTES, FOOTER_BYTES);
  const indexStart = u32At(footer, 0) * 4294967296 + u32At(footer, 4);
  const indexEnd = sizeBytes - FOOTER_BYTES;
  if (indexStart < HEAD_BYTES || indexStart > indexEnd) {
    throw damaged(`${name} says that its index begins at ${indexStart} of ${sizeBytes} bytes. It may have been cut`);
  }
  return { blocksStart: HEAD_BYTES, indexStart, indexEnd };
}
