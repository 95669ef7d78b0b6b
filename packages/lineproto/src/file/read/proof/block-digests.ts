import { createHash } from 'node:crypto';
import { LineProtocolError } from '../../../errors';
import type { GzipEnd } from '../gunzip/gunzip';

/** A file's text, as `gunzip` returns it. */
export type FileText = AsyncGenerator<Buffer, GzipEnd, undefined>;

/** How much of the text one digest covers, and so how much a second reading holds before it passes it on. */
const BLOCK_BYTES = 4 * 1024 * 1024;

/** Keeps a digest of every 4 MiB of a text at its first reading, and passes on at the second what has the same digests. */
export class BlockDigests {
  readonly #digests: Buffer[] = [];

  /** Passes a text on, and keeps its digests. */
  keep(text: FileText): FileText {
    return passBlocks(text, (digest) => this.#digests.push(digest));
  }

  /**
   * Passes a text on, block by block, each only once its digest has been compared.
   *
   * @throws LineProtocolError `CHANGED` from the reading
   */
  check(text: FileText): FileText {
    return passBlocks(text, (digest, index) => {
      if (this.#digests[index]?.equals(digest)) return;
      const where = `within ${BLOCK_BYTES} bytes from byte ${index * BLOCK_BYTES} of its text on`;
      throw new LineProtocolError('CHANGED', `the file was read twice, and the second reading differs ${where}`);
    });
  }
}

/** Passes a text on in blocks; shows the digest of each to `look` before any of it is passed on. */
async function* passBlocks(text: FileText, look: (digest: Buffer, index: number) => void): FileText {
  let block: Buffer[] = [];
  let left = BLOCK_BYTES;
  let index = 0;
  try {
    for (;;) {
      const { done, value } = await text.next();
      if (done) {
        look(digestOf(block), index);
        yield* block;
        return value;
      }
      for (let from = 0; from < value.length; ) {
        const piece = value.subarray(from, from + left);
        block.push(piece);
        from += piece.length;
        left -= piece.length;
        if (left > 0) continue;
        look(digestOf(block), index);
        yield* block;
        block = [];
        left = BLOCK_BYTES;
        index += 1;
      }
    }
  } finally {
    await text.return({ status: 'truncated' });
  }
}

function digestOf(block: readonly Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const piece of block) hash.update(piece);
  return hash.digest();
}
