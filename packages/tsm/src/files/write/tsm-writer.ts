import { blockTypes, encodeBlock } from '../../blocks/block';
import type { ByteWriter } from '../../bytes';
import type { Column, FieldType } from '../../column';
import { TsmError } from '../../errors';
import { compareWords } from '../../words';
import { keyText } from '../key';
import type { ByteSink } from './byte-sink';
import { CurrentKey } from './current-key';
import { FLUSH_BYTES, WriterMemory } from './writer-memory';
import { resolveWriterOptions, type TsmWriterOptions } from './writer-options';

/** The most text in a block: a reader has to hold all of it at once. */
const BLOCK_TEXT_BYTES_MAX = 16 * 1024 * 1024;
/** The most blocks that one key can have in one file: their number has 16 bits. */
const BLOCKS_MAX = 65_535;
const KEY_BYTES_MAX = 65_535;
/**
 * Writes one TSM file: `16 D1 16 D1 01`, the blocks in the order of keys, the index, the offset of the index in 64 bits. `ShardWriter`
 * begins another file when one is full. Format: docs/storage-engine.md, "TSM file".
 */
export class TsmWriter {
  readonly #sink: ByteSink;
  readonly #options: Required<TsmWriterOptions>;
  readonly #pending: ByteWriter;
  readonly #index: ByteWriter;
  #offset = 0;
  readonly #key = new CurrentKey();
  #type: FieldType = 'float';
  /** The blocks of the current key, and where the index has their number. */
  #blocks = 0;
  #countAt = 0;
  readonly #lastTime = new Uint32Array(2);
  /** The times of columns that share them, once all of these were checked. */
  #checkedTimes: object | undefined;
  /** True during a write, and so after one that failed: a part of its last block may be there. */
  #isBroken = false;

  /**
   * @param memory used again for one file after another
   * @throws TsmError `INVALID_OPTIONS`
   */
  constructor(sink: ByteSink, options: TsmWriterOptions = {}, memory: WriterMemory = new WriterMemory()) {
    this.#sink = sink;
    this.#options = resolveWriterOptions(options);
    ({ blocks: this.#pending, index: this.#index } = memory.begin());
    this.#pending.u32(0x16d116d1);
    this.#pending.u8(1);
  }

  /** The size of the file if it were finished now. */
  get sizeBytes(): number {
    return this.#offset + this.#pending.length + this.#index.length + 8;
  }

  /** True once the file is as large as it should be. More can still be written. */
  get isFull(): boolean {
    return this.sizeBytes >= this.#options.fileBytesMax || this.#index.length >= this.#options.indexBytesMax;
  }

  /**
   * Writes points of a key, from index `from` on, block by block until the end of the column or until the file is full. Keys come in
   * the order of their bytes; the points of one key may come in several calls, in order of time.
   *
   * @param key of at most 65,535 bytes; see `joinKey`
   * @returns the index of the first point that was not written: `column.length`, or less if the file is full
   * @throws TsmError `INVALID_POINTS`
   */
  async write(key: Uint8Array, column: Column, from = 0): Promise<number> {
    if (from >= column.length) return column.length;
    this.#begin(key, column, from);
    this.#isBroken = true;
    let at = from;
    while (at < column.length && this.#blocks < BLOCKS_MAX && (at === from || !this.isFull)) {
      const to = blockEnd(column, at, this.#options.blockPointsMax);
      this.#writeBlock(column, at, to);
      at = to;
      if (this.#pending.length >= FLUSH_BYTES) await this.#flush();
    }
    this.#isBroken = false;
    return at;
  }

  /**
   * Writes a column that fits into one block, as `write` does, but at once: nothing waits for the sink.
   *
   * @returns false if `write` has to be called instead: nothing was written
   * @throws TsmError `INVALID_POINTS`
   */
  add(key: Uint8Array, column: Column): boolean {
    const isLarge = blockEnd(column, 0, this.#options.blockPointsMax) < column.length;
    if (isLarge || this.#isBroken || this.isFull) return false;
    if (this.#blocks >= BLOCKS_MAX || this.#pending.length >= FLUSH_BYTES) return false;
    if (column.length === 0) return true;
    this.#begin(key, column, 0);
    this.#isBroken = true;
    this.#writeBlock(column, 0, column.length);
    this.#isBroken = false;
    return true;
  }

  /**
   * Writes the index and the end of the file. Nothing can be written after it.
   *
   * @returns the size of the file
   * @throws TsmError `INVALID_POINTS`: nothing was written, and InfluxDB refuses a file without points; or a write failed
   */
  async finish(): Promise<number> {
    if (this.#key.isEmpty) throw refused('A TSM file needs at least one point, got none.');
    if (this.#isBroken) throw refused('A write failed, so that this file cannot be finished. Write another one.');
    await this.#flush();
    const indexStart = this.#offset;
    this.#index.reserve(8);
    this.#index.u32(Math.floor(indexStart / 4294967296));
    this.#index.u32(indexStart);
    await this.#sink.write(this.#index.written);
    return indexStart + this.#index.length;
  }

  #begin(key: Uint8Array, column: Column, from: number): void {
    const order = this.#key.compare(key);
    if (order < 0) throw refused(`Expected keys in order, got ${keyText(key)} after ${keyText(this.#key.bytes)}.`);
    if (column.sameTimes === undefined || column.sameTimes !== this.#checkedTimes) checkAscending(key, column, from);
    this.#checkedTimes = from === 0 ? column.sameTimes : undefined;
    if (order === 0) {
      if (column.type !== this.#type)
        throw refused(`Expected points of type ${this.#type} for ${keyText(key)}, got ${column.type}.`);
      if (compareWords(column.timeWords, from, this.#lastTime, 0) <= 0) throw notAscending(key);
      return;
    }
    if (key.length > KEY_BYTES_MAX)
      throw refused(`Expected a key of at most ${KEY_BYTES_MAX} bytes, got ${key.length}.`);
    if (!this.#key.set(key)) throw refused(`Expected a key as \`joinKey\` makes it, got ${keyText(key)}.`);
    this.#type = column.type;
    this.#blocks = 0;
    this.#index.reserve(key.length + 5);
    this.#index.u16(key.length);
    this.#index.write(key);
    this.#index.u8(blockTypes.indexOf(column.type));
    this.#countAt = this.#index.length;
    this.#index.u16(0);
  }

  #writeBlock(column: Column, from: number, to: number): void {
    const start = this.#pending.length;
    encodeBlock(column, from, to, this.#pending);
    const index = this.#index;
    index.reserve(28);
    index.u64(column.timeWords, from);
    index.u64(column.timeWords, to - 1);
    const offset = this.#offset + start;
    index.u32(Math.floor(offset / 4294967296));
    index.u32(offset);
    index.u32(this.#pending.length - start);
    this.#blocks += 1;
    index.bytes[this.#countAt] = this.#blocks >>> 8;
    index.bytes[this.#countAt + 1] = this.#blocks;
    this.#lastTime[0] = column.timeWords[2 * to - 2] as number;
    this.#lastTime[1] = column.timeWords[2 * to - 1] as number;
  }

  async #flush(): Promise<void> {
    await this.#sink.write(this.#pending.written);
    this.#offset += this.#pending.length;
    this.#pending.length = 0;
  }
}

function blockEnd(column: Column, from: number, pointsMax: number): number {
  let to = Math.min(from + pointsMax, column.length);
  if (column.type !== 'string') return to;
  const textEnd = (column.starts[from] as number) + BLOCK_TEXT_BYTES_MAX;
  while (to > from + 1 && (column.ends[to - 1] as number) > textEnd) to -= 1;
  return to;
}

function checkAscending(key: Uint8Array, { timeWords, length }: Column, from: number): void {
  for (let i = from + 1; i < length; i += 1) {
    if (compareWords(timeWords, i - 1, timeWords, i) >= 0) throw notAscending(key);
  }
}

function notAscending(key: Uint8Array): TsmError {
  return refused(`Expected the times of ${keyText(key)} to ascend, each once.`);
}

function refused(message: string): TsmError {
  return new TsmError('INVALID_POINTS', message);
}
