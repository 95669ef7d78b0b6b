import { decodeBlockAt } from '../blocks/block';
import { LastTimes } from '../blocks/codecs/last-times';
import type { Column, FieldType } from '../column';
import { ColumnBuffer } from '../column';
import { damaged, placed } from '../errors';
import { HIGH, LOW } from '../words';
import { type ByteSource, bytesSource } from './byte-source';
import { dropTimes, keepTimes, type TimeRange } from './deletes/time-ranges';
import { readTombstones, type Tombstones, tombstoneKey } from './deletes/tombstones';
import type { BlockList } from './index/block-list';
import { IndexCursor, type IndexPosition, type TsmLayout } from './index/index-cursor';
import { HEAD_BYTES, readLayout } from './index/read-layout';
import { keyOf, type TsmKey } from './index/tsm-key';
import { keyText } from './key';
import { ReadAhead } from './read-ahead';

/** One key of this many bytes of index is remembered, so that a key is found without reading the whole index. */
const LANDMARK_BYTES = 64 * 1024;

/**
 * Reads a TSM file of any size: the bytes `16 D1 16 D1 01`, the blocks, the index, and the offset of the index in 64 bits. The index is
 * read as far as it is needed and never held as a whole. Format: docs/storage-engine.md, "TSM file".
 */
export class TsmReader {
  readonly name: string;
  /** Holds the index: the file itself, unless the index was rescued. */
  readonly #index: ByteSource;
  readonly #layout: TsmLayout;
  readonly #tombstones: Tombstones;
  readonly #blocks: ReadAhead;
  readonly #times = new LastTimes();
  #landmarks: Promise<readonly Landmark[]> | undefined;

  private constructor(source: ByteSource, index: ByteSource, layout: TsmLayout, tombstones: Tombstones) {
    this.name = source.name;
    this.#index = index;
    this.#layout = layout;
    this.#tombstones = tombstones;
    this.#blocks = new ReadAhead(source, layout.isRescued ? source.sizeBytes : layout.indexStart);
  }

  /**
   * Opens a TSM file. It closes neither source: that is up to the caller.
   *
   * @param tombstones the file beside it that ends in `.tombstone`, or what was read of it
   * @throws TsmError `NOT_TSM`, `DAMAGED`, `INCOMPLETE`, `UNREADABLE`
   */
  static async open(source: ByteSource, tombstones: ByteSource | Tombstones = new Map()): Promise<TsmReader> {
    const layout = await readLayout(source);
    return new TsmReader(
      source,
      source,
      layout,
      'sizeBytes' in tombstones ? await readTombstones(tombstones) : tombstones,
    );
  }

  /**
   * Opens a TSM file by an index that was rescued: entries in the format of an index, sorted, which lead to some of the blocks of the
   * file.
   */
  static rescued(source: ByteSource, index: Uint8Array, tombstones: Tombstones): TsmReader {
    const layout = { blocksStart: HEAD_BYTES, indexStart: 0, indexEnd: index.length, isRescued: true };
    return new TsmReader(source, bytesSource(source.name, index), layout, tombstones);
  }

  /** Yields all keys in order, also those whose points are deleted. */
  async *keys(): AsyncGenerator<TsmKey> {
    const cursor = this.cursor();
    while (await cursor.next()) yield keyOf(cursor);
  }

  /** Finds a key. Returns `undefined` if the file has no such key. */
  async find(key: Uint8Array): Promise<TsmKey | undefined> {
    const cursor = await this.#seek(key);
    return cursor && keyOf(cursor);
  }

  /**
   * Yields the points of a key, block by block, without those that are deleted. The column is used again for the next block.
   *
   * @throws TsmError `DAMAGED`: the message names file, key, block and time range
   */
  async *read(key: Uint8Array, range: { readonly from?: bigint; readonly to?: bigint } = {}): AsyncGenerator<Column> {
    const cursor = await this.#seek(key);
    if (cursor === undefined) return;
    const { blocks, type } = cursor;
    const deleted = this.deletedFrom(key);
    const column = new ColumnBuffer();
    for (let i = 0; i < blocks.length; i += 1) {
      if (range.to !== undefined && blocks.first(i) > range.to) continue;
      if (range.from !== undefined && blocks.last(i) < range.from) continue;
      const reading = this.readBlock(key, type, blocks, i, column);
      if (reading !== undefined) await reading;
      keepTimes(column, range.from, range.to);
      if (deleted !== undefined) dropTimes(column, deleted);
      if (column.length > 0) yield column;
    }
  }

  /** Returns a cursor that stands before the first key. Blocks are read ahead from the beginning again. */
  cursor(): IndexCursor {
    this.#blocks.rewind();
    return new IndexCursor(this.#index, this.#layout);
  }

  /** Returns what was deleted from a key, or `undefined`. */
  deletedFrom(key: Uint8Array): readonly TimeRange[] | undefined {
    return this.#tombstones.size === 0 ? undefined : this.#tombstones.get(tombstoneKey(key));
  }

  /**
   * Reads and decodes block `i` of a key, and holds it against its entry in the index. Returns a promise only if it is not in memory yet.
   *
   * @throws TsmError `DAMAGED`
   */
  readBlock(
    key: Uint8Array,
    type: FieldType,
    blocks: BlockList,
    i: number,
    into: ColumnBuffer,
  ): Promise<void> | undefined {
    const offset = blocks.offsets[i] as number;
    const sizeBytes = blocks.sizes[i] as number;
    const at = this.#blocks.indexOf(offset, sizeBytes);
    if (at === -1) {
      return this.#blocks.load(offset, sizeBytes).then((bytes) => this.#decode(bytes, 0, key, type, blocks, i, into));
    }
    this.#decode(this.#blocks.window, at, key, type, blocks, i, into);
    return undefined;
  }

  #decode(
    bytes: Uint8Array,
    at: number,
    key: Uint8Array,
    type: FieldType,
    blocks: BlockList,
    i: number,
    into: ColumnBuffer,
  ): void {
    try {
      decodeBlockAt(bytes, at, at + (blocks.sizes[i] as number), into, this.#times);
      if (into.type !== type)
        throw damaged(`The index says that it holds values of type ${type}, and it holds ${into.type}`);
      const { timeWords, length } = into;
      const isSame = (entry: number, time: number) =>
        blocks.timeWords[2 * entry + LOW] === timeWords[2 * time + LOW] &&
        blocks.timeWords[2 * entry + HIGH] === timeWords[2 * time + HIGH];
      if (!isSame(2 * i, 0) || !isSame(2 * i + 1, length - 1))
        throw damaged('Its times are not those that the index says');
    } catch (error) {
      const times = `${blocks.first(i)} to ${blocks.last(i)}`;
      const place = `block ${blocks.skipped + i + 1} of ${blocks.total}`;
      throw placed(error, `${this.name}, key ${keyText(key)}, ${place}, times ${times}`);
    }
  }

  async #seek(key: Uint8Array): Promise<IndexCursor | undefined> {
    this.#landmarks ??= this.#readLandmarks();
    const landmarks = await this.#landmarks;
    let low = 0;
    for (let high = landmarks.length; low < high; ) {
      const middle = (low + high) >>> 1;
      if (Buffer.compare((landmarks[middle] as Landmark).key, key) <= 0) low = middle + 1;
      else high = middle;
    }
    const cursor = new IndexCursor(this.#index, this.#layout, landmarks[low - 1]);
    while (await cursor.next()) {
      const order = Buffer.compare(cursor.key, key);
      if (order === 0) return cursor;
      if (order > 0) return undefined;
    }
    return undefined;
  }

  /** Walks through the index once, which also proves that it contradicts nothing. */
  async #readLandmarks(): Promise<readonly Landmark[]> {
    const landmarks: Landmark[] = [];
    const cursor = this.cursor();
    let place = cursor.place;
    for (let due = 0; await cursor.next(); place = cursor.place) {
      if (place.position < due) continue;
      landmarks.push({ ...place, key: cursor.key.slice() });
      due = place.position + LANDMARK_BYTES;
    }
    return landmarks;
  }
}

interface Landmark extends IndexPosition {
  readonly key: Uint8Array;
}
