import { ByteWriter } from '../../bytes';

/** The size from which on blocks that wait are written. */
export const FLUSH_BYTES = 1024 * 1024;
/** A larger index is not kept for the next file. */
const INDEX_BYTES_KEPT = 16 * 1024 * 1024;

/** The memory of a writer of files, for one file after another: on a busy machine, new memory takes longer than to fill it. */
export class WriterMemory {
  readonly #blocks = new ByteWriter(FLUSH_BYTES + 64 * 1024);
  #index = new ByteWriter(64 * 1024);

  /** Returns what blocks and index are written into, empty. Those of the file before must not be used any more. */
  begin(): { readonly blocks: ByteWriter; readonly index: ByteWriter } {
    if (this.#index.bytes.length > INDEX_BYTES_KEPT) this.#index = new ByteWriter(64 * 1024);
    this.#blocks.length = 0;
    this.#index.length = 0;
    return { blocks: this.#blocks, index: this.#index };
  }
}
