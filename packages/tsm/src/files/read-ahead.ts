import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ByteSource } from './byte-source';

/** What is read at once. Decoding it takes a few milliseconds, after which the event loop has its turn. */
const WINDOW_BYTES = 256 * 1024;

/**
 * Reads mostly forward through a part of a source, in large pieces, and returns bytes that are there already without a promise.
 *
 * A read behind the current piece is answered exactly and leaves it in place, so that several readers of one file that are not far
 * apart do not push each other away.
 */
export class ReadAhead {
  readonly #source: ByteSource;
  readonly #end: number;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;

  /** @param end where the part ends: nothing is read beyond it */
  constructor(source: ByteSource, end: number) {
    this.#source = source;
    this.#end = end;
  }

  /** Begins again at the start: what is read next is read ahead from there. */
  rewind(): void {
    this.#window = new Uint8Array(0);
    this.#start = 0;
  }

  /** What is in memory. */
  get window(): Uint8Array {
    return this.#window;
  }

  /** Returns where in the window something is; -1 if not all of it is there. */
  indexOf(position: number, length: number): number {
    const at = position - this.#start;
    return at >= 0 && at + length <= this.#window.length ? at : -1;
  }

  /** Returns the bytes if they are in memory. */
  peek(position: number, length: number): Uint8Array | undefined {
    const at = this.indexOf(position, length);
    return at === -1 ? undefined : this.#window.subarray(at, at + length);
  }

  /** Reads the bytes, which lie within the part. */
  async load(position: number, length: number): Promise<Uint8Array> {
    if (position < this.#start) return this.#source.read(position, length);
    await nextTurn();
    const window = await this.#source.read(position, Math.max(length, Math.min(WINDOW_BYTES, this.#end - position)));
    // A view of a Buffer costs several times as much as one of a plain array, and every block and key is a view.
    this.#window = new Uint8Array(window.buffer, window.byteOffset, window.length);
    this.#start = position;
    return this.#window.subarray(0, length);
  }
}
