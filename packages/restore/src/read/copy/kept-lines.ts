import type { DecodedBatch } from '@ceres/lineproto';
import type { InflateRoom } from '@ceres/lineproto/internal';

/** Memory that several files share for their lines. */
export class LinesRoom {
  #freeBytes: number;

  constructor(bytesMax: number) {
    this.#freeBytes = bytesMax;
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  give(bytes: number): void {
    this.#freeBytes += bytes;
  }

  /** Returns whether there is room for these bytes, and takes it. */
  take(bytes: number): boolean {
    if (bytes > this.#freeBytes) return false;
    this.#freeBytes -= bytes;
    return true;
  }
}

/** The lines of a file between the reading that proves them and the one that uses them. */
export interface LinesCopy {
  /** The memory to inflate the file into; `undefined` for new memory. */
  readonly room?: InflateRoom;
  /** Says whether every batch was kept that was added. */
  readonly isWhole: boolean;
  add(batch: DecodedBatch): void;
  /** Returns the batches. */
  take(): AsyncIterable<DecodedBatch>;
  close(): void;
}

/** Keeps the lines of a file from the reading that proves them, so that it is inflated once. If there is no room for all, it keeps none. */
export class KeptLines implements LinesCopy {
  readonly #room: LinesRoom;
  #batches: DecodedBatch[] = [];
  #isWhole: boolean;

  /** @param expectedBytes how many bytes of lines the file is expected to hold: if there is no room for these, none is kept */
  constructor(room: LinesRoom, expectedBytes: number) {
    this.#room = room;
    this.#isWhole = expectedBytes <= room.freeBytes;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  add(batch: DecodedBatch): void {
    if (!this.#isWhole) return;
    if (this.#room.take(batch.bytes.byteLength)) this.#batches.push(batch);
    else this.close();
  }

  /** Returns the batches, each of which is kept no longer. */
  async *take(): AsyncGenerator<DecodedBatch, void, undefined> {
    this.#batches.reverse();
    for (let batch = this.#batches.pop(); batch !== undefined; batch = this.#batches.pop()) {
      this.#room.give(batch.bytes.byteLength);
      yield batch;
    }
  }

  close(): void {
    for (const { bytes } of this.#batches) this.#room.give(bytes.byteLength);
    this.#batches = [];
    this.#isWhole = false;
  }
}
