import { decodeBlock } from '../blocks/block';
import { u32At } from '../bytes';
import type { Column, FieldType } from '../column';
import { ColumnBuffer } from '../column';
import { damaged, placed, TsmError } from '../errors';
import { HIGH, LOW } from '../words';
import type { ByteSource } from './byte-source';
import type { BlockList } from './index/block-list';
import { IndexCursor, type IndexPosition, type TsmLayout } from './index/index-cursor';
import { keyText } from './key';
import { ReadAhead } from './read-ahead';
import { dropTimes, keepTimes, type TimeRange } from './time-ranges';
import { readTombstones, type Tombstones, tombstoneKey } from './tombstones';

const MAGIC = 0x16d116d1;
const VERSION = 1;
/** The magic number and the version. */
const HEAD_BYTES = 5;
/** The offset of the index. */
const FOOTER_BYTES = 8;
/** One key of this many bytes of index is remembered, so that a key is found without reading the whole index. */
const LANDMARK_BYTES = 64 * 1024;

/** A key of a TSM file, and what its index says about its blocks. */
export interface TsmKey {
  /** Series key and field: see `splitKey`. */
  readonly key: Uint8Array;
  readonly type: FieldType;
  readonly blocks: readonly TsmBlock[];
}

/** What the index says about a block. */
export interface TsmBlock {
  /** The time of its first point, in nanoseconds. */
  readonly first: bigint;
  /** The time of its last point. */
  readonly last: bigint;
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * Reads a TSM file of any size: the bytes `16 D1 16 D1 01`, the blocks, the index, and the offset of the index in 64 bits. The index is
 * read as far as it is needed and never held as a whole. Format: docs/storage-engine.md, "TSM file".
 */
export class TsmReader {
  readonly name: string;
  readonly #source: ByteSource;
  readonly #layout: TsmLayout;
  readonly #tombstones: Tombstones;
  readonly #blocks: ReadAhead;
  #landmarks: Promise<readonly Landmark[]> | undefined;

  private constructor(source: ByteSource, layout: TsmLayout, tombstones: Tombstones) {
    this.name = source.name;
    this.#source = source;
    this.#layout = layout;
    this.#tombstones = tombstones;
    this.#blocks = new ReadAhead(source, layout.indexStart);
  }

  /**
   * Opens a TSM file. It closes neither source: that is up to the caller.
   *
   * @param tombstones the file beside it that ends in `.tombstone`
   * @throws TsmError `NOT_TSM`, `DAMAGED`, `INCOMPLETE`, `UNREADABLE`
   */
  static async open(source: ByteSource, tombstones?: ByteSource): Promise<TsmReader> {
    const layout = await readLayout(source);
    return new TsmReader(source, layout, tombstones === undefined ? new Map() : await readTombstones(tombstones));
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
      const bytes = this.peekBlock(blocks, i) ?? (await this.loadBlock(blocks, i));
      this.decode(bytes, key, type, blocks, i, column);
      keepTimes(column, range.from, range.to);
      if (deleted !== undefined) dropTimes(column, deleted);
      if (column.length > 0) yield column;
    }
  }

  /** Returns a cursor that stands before the first key. Blocks are read ahead from the beginning again. */
  cursor(): IndexCursor {
    this.#blocks.rewind();
    return new IndexCursor(this.#source, this.#layout);
  }

  /** Returns what was deleted from a key, or `undefined`. */
  deletedFrom(key: Uint8Array): readonly TimeRange[] | undefined {
    return this.#tombstones.size === 0 ? undefined : this.#tombstones.get(tombstoneKey(key));
  }

  /** Returns the bytes of a block if they are in memory. */
  peekBlock(blocks: BlockList, i: number): Uint8Array | undefined {
    return this.#blocks.peek(blocks.offsets[i] as number, blocks.sizes[i] as number);
  }

  /** Reads the bytes of a block. */
  loadBlock(blocks: BlockList, i: number): Promise<Uint8Array> {
    return this.#blocks.load(blocks.offsets[i] as number, blocks.sizes[i] as number);
  }

  /**
   * Decodes block `i` of a key, and holds it against its entry in the index.
   *
   * @throws TsmError `DAMAGED`
   */
  decode(bytes: Uint8Array, key: Uint8Array, type: FieldType, blocks: BlockList, i: number, into: ColumnBuffer): void {
    try {
      decodeBlock(bytes, into);
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
      throw placed(error, `${this.name}, key ${keyText(key)}, block ${i + 1} of ${blocks.length}, times ${times}`);
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
    const cursor = new IndexCursor(this.#source, this.#layout, landmarks[low - 1]);
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

async function readLayout(source: ByteSource): Promise<TsmLayout> {
  const { name, sizeBytes } = source;
  if (sizeBytes < HEAD_BYTES + FOOTER_BYTES) {
    throw new TsmError('INCOMPLETE', `${name} has ${sizeBytes} bytes, fewer than any TSM file.`);
  }
  const head = await source.read(0, HEAD_BYTES);
  if (u32At(head, 0) !== MAGIC)
    throw new TsmError('NOT_TSM', `${name} is not a TSM file: it does not begin with 16D116D1.`);
  if (head[4] !== VERSION)
    throw new TsmError('NOT_TSM', `${name} has version ${head[4]} of the TSM format, not ${VERSION}.`);
  const footer = await source.read(sizeBytes - FOOTER_BYTES, FOOTER_BYTES);
  const indexStart = u32At(footer, 0) * 4294967296 + u32At(footer, 4);
  const indexEnd = sizeBytes - FOOTER_BYTES;
  if (indexStart < HEAD_BYTES || indexStart > indexEnd) {
    throw damaged(`${name} says that its index begins at ${indexStart} of ${sizeBytes} bytes. It may have been cut`);
  }
  return { blocksStart: HEAD_BYTES, indexStart, indexEnd };
}

function keyOf({ key, type, blocks }: IndexCursor): TsmKey {
  const list = Array.from({ length: blocks.length }, (_, i) => ({
    first: blocks.first(i),
    last: blocks.last(i),
    offset: blocks.offsets[i] as number,
    sizeBytes: blocks.sizes[i] as number,
  }));
  return { key, type, blocks: list };
}
