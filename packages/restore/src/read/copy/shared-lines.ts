import type { DecodedBatch } from '@ceres/lineproto';
import { type InflateRoom, OUTPUT_BYTES } from '@ceres/lineproto/internal';
import type { LinesCopy } from './kept-lines';

const BLOCK_BYTES = 8 * 1024 * 1024;
/** The most bytes of lines that a file may have beside its blocks: records that lie across two of them, and what did not fit into one. */
const ASIDE_BYTES_MAX = 4 * 1024 * 1024;

/** Memory for the lines of several files, which all threads see, and which is used again and again. */
export class SharedLines {
  readonly memory: SharedArrayBuffer;
  /** The beginnings of free blocks, the one that is used next last. */
  readonly #free: number[];

  constructor(blocks: number) {
    this.memory = new SharedArrayBuffer(blocks * BLOCK_BYTES);
    this.#free = Array.from({ length: blocks }, (_, i) => (blocks - 1 - i) * BLOCK_BYTES);
  }

  /** Returns whether there is room for `bytes` bytes of text, some of which is lost at the end of each block. */
  hasRoom(bytes: number): boolean {
    return bytes <= this.#free.length * (BLOCK_BYTES - OUTPUT_BYTES);
  }

  /** Returns where a free block begins; `undefined` if there is none. */
  take(): number | undefined {
    return this.#free.pop();
  }

  give(starts: readonly number[]): void {
    this.#free.push(...starts);
  }
}

/** Keeps the lines of one file where it was inflated, in shared memory, until it is closed. */
export class SharedLinesCopy implements LinesCopy, InflateRoom {
  readonly #lines: SharedLines;
  readonly #starts: number[] = [];
  readonly #batches: DecodedBatch[] = [];
  #isWhole: boolean;
  #asideBytes = 0;
  /** The place for the next text, and the end of its block. */
  #at = 0;
  #end = 0;
  #isBeingFilled = false;

  /** @param expectedBytes how many bytes of lines the file is expected to hold: if there is no room for these, none is kept */
  constructor(lines: SharedLines, expectedBytes: number) {
    this.#lines = lines;
    this.#isWhole = lines.hasRoom(expectedBytes);
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  get room(): InflateRoom {
    return this;
  }

  begin(): Buffer | undefined {
    if (!this.#isWhole) return undefined;
    if (this.#end - this.#at < OUTPUT_BYTES) {
      const start = this.#lines.take();
      if (start === undefined) return undefined;
      this.#starts.push(start);
      this.#at = start;
      this.#end = start + BLOCK_BYTES;
    }
    this.#isBeingFilled = true;
    return Buffer.from(this.#lines.memory, this.#at, OUTPUT_BYTES);
  }

  filled(bytes: number): void {
    this.#at += bytes;
    this.#isBeingFilled = false;
  }

  add(batch: DecodedBatch): void {
    if (!this.#isWhole) return;
    if (batch.bytes.buffer !== this.#lines.memory) this.#asideBytes += batch.bytes.length;
    this.#isWhole = this.#asideBytes <= ASIDE_BYTES_MAX;
    if (this.#isWhole) this.#batches.push(batch);
    else this.#batches.length = 0;
  }

  async *take(): AsyncGenerator<DecodedBatch, void, undefined> {
    yield* this.#batches;
  }

  /** Gives the blocks back. zlib may still write into one of a file that was not read to its end: that one is lost. */
  close(): void {
    if (this.#isBeingFilled) this.#starts.pop();
    this.#lines.give(this.#starts.splice(0));
    this.#batches.length = 0;
    this.#isWhole = false;
  }
}
