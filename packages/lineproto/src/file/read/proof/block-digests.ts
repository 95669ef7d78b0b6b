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
  async *keep(text: FileText): FileText {
    let hash = createHash('sha256');
    let left = BLOCK_BYTES;
    try {
      for (;;) {
        const { done, value } = await text.next();
        if (done) {
          this.#digests.push(hash.digest());
          return value;
        }
        for (let from = 0; from < value.length; ) {
          const piece = value.subarray(from, from + left);
          hash.update(piece);
          from += piece.length;
          left -= piece.length;
          if (left > 0) continue;
          this.#digests.push(hash.digest());
          hash = createHash('sha256');
          left = BLOCK_BYTES;
        }
        yield value;
      }
    } finally {
      await text.return({ status: 'truncated' });
    }
  }

  /**
   * Passes a text on, block by block, each only once its digest has been compared.
   *
   * @throws LineProtocolError `CHANGED`
   */
  async *check(text: FileText): FileText {
    let block: Buffer[] = [];
    let left = BLOCK_BYTES;
    let blocks = 0;
    try {
      for (;;) {
        const { done, value } = await text.next();
        if (done) {
          this.#compare(block, blocks);
          yield* block;
          return value;
        }
        for (let from = 0; from < value.length; ) {
          const piece = value.subarray(from, from + left);
          block.push(piece);
          from += piece.length;
          left -= piece.length;
          if (left > 0) continue;
          this.#compare(block, blocks);
          yield* block;
          block = [];
          left = BLOCK_BYTES;
          blocks += 1;
        }
      }
    } finally {
      await text.return({ status: 'truncated' });
    }
  }

  #compare(block: readonly Buffer[], index: number): void {
    const hash = createHash('sha256');
    for (const piece of block) hash.update(piece);
    if (this.#digests[index]?.equals(hash.digest())) return;
    const where = `within ${BLOCK_BYTES} bytes from byte ${index * BLOCK_BYTES} of its text on`;
    throw new LineProtocolError('CHANGED', `the file was read twice, and the second reading differs ${where}`);
  }
}
