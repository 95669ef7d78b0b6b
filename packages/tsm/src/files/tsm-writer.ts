import { blockTypes, encodeBlock } from '../blocks/block';
import { ByteWriter } from '../bytes';
import type { Column, FieldType } from '../column';
import { TsmError } from '../errors';
import { check } from '../options';
import { compareWords } from '../words';
import type { ByteSink } from './byte-sink';
import { isFieldKey, keyText } from './key';

/** What limits a TSM file. influxd has the same limits by default. */
export interface TsmWriterOptions {
  /** The most points in a block. Default: 1,000. */
  readonly blockPointsMax?: number;
  /** The size from which on a file counts as full. Default: 2,048 MiB. */
  readonly fileBytesMax?: number;
  /** The size of the index, which is in memory until the file is finished, from which on a file counts as full. Default: 64 MiB. */
  readonly indexBytesMax?: number;
}

/** The most text in a block: a reader has to hold all of it at once. */
const BLOCK_TEXT_BYTES_MAX = 16 * 1024 * 1024;
/** The most blocks that one key can have in one file: their number has 16 bits. */
const BLOCKS_MAX = 65_535;
const KEY_BYTES_MAX = 65_535;
const FLUSH_BYTES = 1024 * 1024;
const defaults = { blockPointsMax: 1_000, fileBytesMax: 2 * 1024 ** 3, indexBytesMax: 64 * 1024 ** 2 };

/**
 * Writes one TSM file: `16 D1 16 D1 01`, the blocks in the order of keys, the index, the offset of the index in 64 bits. `ShardWriter`
 * begins another file when one is full. Format: docs/storage-engine.md, "TSM file".
 */
export class TsmWriter {
  readonly #sink: ByteSink;
  readonly #options: Required<TsmWriterOptions>;
  readonly #pending = new ByteWriter(FLUSH_BYTES + 64 * 1024);
  readonly #index = new ByteWriter(64 * 1024);
  #offset = 0;
  #key: Uint8Array | undefined;
  #type: FieldType = 'float';
  /** The blocks of the current key, and where the index has their number. */
  #blocks = 0;
  #countAt = 0;
  readonly #lastTime = new Uint32Array(2);
  /** True during a write, and so after one that failed: a part of its last block may be there. */
  #isBroken = false;

  /** @throws TsmError `INVALID_OPTIONS` */
  constructor(sink: ByteSink, options: TsmWriterOptions = {}) {
    check.names('TsmWriter', options, Object.keys(defaults));
    this.#sink = sink;
    this.#options = { ...defaults, ...options };
    check.wholeNumber('blockPointsMax', this.#options.blockPointsMax, { min: 1, max: 65_535, unit: 'points' });
    check.wholeNumber('fileBytesMax', this.#options.fileBytesMax, { min: 1, max: 2 ** 40, unit: 'bytes' });
    check.wholeNumber('indexBytesMax', this.#options.indexBytesMax, { min: 1, max: 2 ** 30, unit: 'bytes' });
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
   * Writes the index and the end of the file. Nothing can be written after it.
   *
   * @returns the size of the file
   * @throws TsmError `INVALID_POINTS`: nothing was written, and InfluxDB refuses a file without points; or a write failed
   */
  async finish(): Promise<number> {
    if (this.#key === undefined) throw refused('A TSM file needs at least one point, got none.');
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
    const order = this.#key === undefined ? -1 : Buffer.compare(this.#key, key);
    if (order > 0)
      throw refused(`Expected keys in order, got ${keyText(key)} after ${keyText(this.#key as Uint8Array)}.`);
    checkAscending(key, column, from);
    if (order === 0) {
      if (column.type !== this.#type)
        throw refused(`Expected points of type ${this.#type} for ${keyText(key)}, got ${column.type}.`);
      if (compareWords(column.timeWords, from, this.#lastTime, 0) <= 0) throw notAscending(key);
      return;
    }
    if (key.length > KEY_BYTES_MAX)
      throw refused(`Expected a key of at most ${KEY_BYTES_MAX} bytes, got ${key.length}.`);
    if (!isFieldKey(key)) throw refused(`Expected a key as \`joinKey\` makes it, got ${keyText(key)}.`);
    this.#key = key.slice();
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
    this.#lastTime.set(column.timeWords.subarray(2 * (to - 1), 2 * to));
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
