import { ColumnBuffer, type FieldType } from '../../column';
import type { TimeRange } from '../../files/deletes/time-ranges';
import { dropTimes, keepTimes } from '../../files/deletes/time-ranges';
import { BlockList } from '../../files/index/block-list';
import type { TsmReader } from '../../files/tsm-reader';
import { HIGH, LOW } from '../../words';
import type { ReadRange } from '../contract';

/** What a lane reads: some blocks of a key in one file, which do not overlap. */
export interface LaneBlocks {
  readonly reader: TsmReader;
  readonly key: Uint8Array;
  readonly type: FieldType;
  /** The blocks of the key, and which of them: from index `from` up to, and without, `to`. */
  readonly blocks: BlockList;
  readonly from: number;
  readonly to: number;
}

/**
 * One of the sorted inputs of a merge: the points of a key that one file holds, or the WAL. A block is decoded only when its first
 * time is the earliest of all inputs. Lanes are used again for one key after another.
 */
export class Lane {
  /** Decides which of two lanes with a point of the same time wins: the one with the higher rank. */
  rank = 0;
  /** False at the end. */
  hasNext = false;
  /** The words of the time of the next point; the high word is signed. If the block is not decoded yet, no point may be there. */
  headHigh = 0;
  headLow = 0;
  /** True if `column` holds the next point, at index `position`. */
  isLoaded = false;
  column: ColumnBuffer;
  position = 0;

  readonly #own = new ColumnBuffer();
  readonly #blocks = new BlockList();
  #source: LaneBlocks | undefined;
  #range: ReadRange = {};
  #deleted: readonly TimeRange[] | undefined;
  #next = 0;

  constructor() {
    this.column = this.#own;
  }

  /** Begins with the blocks of one file. */
  begin(source: LaneBlocks, rank: number, range: ReadRange): void {
    this.#source = source;
    this.#blocks.copy(source.blocks, source.from, source.to);
    this.#range = range;
    this.#deleted = source.reader.deletedFrom(source.key);
    this.#next = 0;
    this.rank = rank;
    this.column = this.#own;
    this.#toNextBlock();
  }

  /** Begins with points that are in memory: those of the WAL. */
  beginColumn(column: ColumnBuffer, rank: number, range: ReadRange): void {
    this.#source = undefined;
    this.rank = rank;
    this.column = column;
    keepTimes(column, range.from, range.to);
    this.hasNext = column.length > 0;
    if (this.hasNext) this.#enter();
  }

  /** Decodes the next block. Returns a promise only if it must be read first. All of its points may turn out to be deleted. */
  load(): Promise<void> | undefined {
    const { reader, key, type } = this.#source as LaneBlocks; // Only blocks are ever not loaded.
    const reading = reader.readBlock(key, type, this.#blocks, this.#next, this.#own);
    if (reading !== undefined) return reading.then(() => this.#take());
    this.#take();
    return undefined;
  }

  /** Moves on to the point with the index `position` of the column, or to the next block at its end. */
  skipTo(position: number): void {
    this.position = position;
    if (position < this.column.length) this.#setHead(this.column.timeWords, position);
    else this.#toNextBlock();
  }

  /** True if no block follows the one that is decoded. */
  get isAtLastBlock(): boolean {
    return this.#source === undefined || this.#next >= this.#blocks.length;
  }

  /** Returns the index of the first point from here on that is not before a time. */
  indexOf(high: number, low: number): number {
    const { timeWords, length } = this.column;
    let from = this.position;
    for (let to = length; from < to; ) {
      const middle = (from + to) >>> 1;
      const highHere = (timeWords[2 * middle + HIGH] as number) | 0;
      if (highHere < high || (highHere === high && (timeWords[2 * middle + LOW] as number) < low)) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #take(): void {
    this.#next += 1;
    keepTimes(this.#own, this.#range.from, this.#range.to);
    if (this.#deleted !== undefined) dropTimes(this.#own, this.#deleted);
    if (this.#own.length > 0) this.#enter();
    else this.#toNextBlock();
  }

  #enter(): void {
    this.isLoaded = true;
    this.position = 0;
    this.#setHead(this.column.timeWords, 0);
  }

  #toNextBlock(): void {
    this.isLoaded = false;
    const { length } = this.#blocks;
    if (this.#source !== undefined) while (this.#next < length && this.#isOutside(this.#next)) this.#next += 1;
    this.hasNext = this.#source !== undefined && this.#next < length;
    if (this.hasNext) this.#setHead(this.#blocks.timeWords, 2 * this.#next);
  }

  #isOutside(block: number): boolean {
    const { from, to } = this.#range;
    return (
      (to !== undefined && this.#blocks.first(block) > to) || (from !== undefined && this.#blocks.last(block) < from)
    );
  }

  #setHead(words: Uint32Array, i: number): void {
    this.headHigh = (words[2 * i + HIGH] as number) | 0;
    this.headLow = words[2 * i + LOW] as number;
  }
}
