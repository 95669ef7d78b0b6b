import { blockTypes } from '../../blocks/block';
import type { FieldType } from '../../column';
import { damaged, placed } from '../../errors';
import { compareWords } from '../../words';
import type { ByteSource } from '../byte-source';
import { keyText } from '../key';
import { ReadAhead } from '../read-ahead';
import { BlockList, ENTRY_BYTES } from './block-list';

/** Tells where the parts of a TSM file are. */
export interface TsmLayout {
  /** The offset of the first block. */
  readonly blocksStart: number;
  /** The offset of the index, at which the blocks end. */
  readonly indexStart: number;
  readonly indexEnd: number;
  /** True for an index that was rescued: its blocks have gaps between them, and it lies in memory, not behind them. */
  readonly isRescued?: boolean;
}

/** The bytes around a key of 0 bytes without entries: its length, its type, and the number of its entries. */
const KEY_FRAME_BYTES = 5;

/** What makes it possible to go on at a key in the middle of an index. */
export interface IndexPosition {
  readonly position: number;
  /** The offset of the first block of that key. */
  readonly nextOffset: number;
}

/**
 * Walks through the index of a TSM file, key by key.
 *
 * The index has no checksum. So all that it says is held against the rest: keys ascend, times are in order, and the blocks lie one
 * behind another from the beginning of the file to the index, as influxd writes them.
 */
export class IndexCursor {
  /** The current key. It stays valid when the cursor moves on. */
  key: Uint8Array = new Uint8Array(0);
  /** How many bytes the current key and the one before it begin with in common. */
  shared = 0;
  type: FieldType = 'float';
  /** The blocks of the current key, until the cursor moves on. */
  readonly blocks: BlockList = new BlockList();

  readonly #source: ByteSource;
  readonly #layout: TsmLayout;
  readonly #bytes: ReadAhead;
  #position: number;
  #nextOffset: number;
  #isFirst = true;

  constructor(source: ByteSource, layout: TsmLayout, from?: IndexPosition) {
    this.#source = source;
    this.#layout = layout;
    this.#bytes = new ReadAhead(source, layout.indexEnd);
    this.#position = from?.position ?? layout.indexStart;
    this.#nextOffset = from?.nextOffset ?? layout.blocksStart;
  }

  /** The place of the next key. */
  get place(): IndexPosition {
    return { position: this.#position, nextOffset: this.#nextOffset };
  }

  /**
   * Moves to the next key. Returns false at the end; a promise only if something must be read first.
   *
   * @throws TsmError `DAMAGED`
   */
  next(): boolean | Promise<boolean> {
    try {
      const { indexEnd, indexStart, isRescued } = this.#layout;
      if (this.#position !== indexEnd) return this.#nextInMemory() || this.#nextRead();
      if (!isRescued && this.#nextOffset !== indexStart) throw damaged('The index does not name all blocks');
      return false;
    } catch (error) {
      throw placed(error, this.#source.name);
    }
  }

  /** Moves to the next key if all of its entry is in memory, as at most keys: it makes no view but that of the key, and no promise. */
  #nextInMemory(): boolean {
    const left = this.#layout.indexEnd - this.#position;
    const from = left < 2 ? -1 : this.#bytes.indexOf(this.#position, 2);
    if (from === -1) return false;
    const { window } = this.#bytes;
    const keyLength = u16At(window, from);
    const keyEnd = from + 2 + keyLength;
    if (left < KEY_FRAME_BYTES + keyLength || keyEnd + 3 > window.length) return false;
    const count = u16At(window, keyEnd + 1);
    const length = KEY_FRAME_BYTES + keyLength + count * ENTRY_BYTES;
    if (left < length || from + length > window.length) return false;
    this.#take(window.subarray(from + 2, keyEnd), window[keyEnd] as number, count, window, keyEnd + 3);
    return true;
  }

  async #nextRead(): Promise<boolean> {
    try {
      const keyLength = u16At(this.#peek(0, 2) ?? (await this.#load(0, 2)), 0);
      const head = this.#peek(2, keyLength + 3) ?? (await this.#load(2, keyLength + 3));
      const count = u16At(head, keyLength + 1);
      const at = KEY_FRAME_BYTES + keyLength;
      const length = count * ENTRY_BYTES;
      const key = head.subarray(0, keyLength);
      this.#checkKey(key, head[keyLength] as number, count);
      const entries = this.#peek(at, length) ?? (await this.#load(at, length));
      this.#take(key, head[keyLength] as number, count, entries, 0);
      return true;
    } catch (error) {
      throw placed(error, this.#source.name);
    }
  }

  /** Returns how many bytes it begins with in common with the key before it. */
  #checkKey(key: Uint8Array, type: number, count: number): number {
    if (key.length === 0 || blockTypes[type] === undefined || count === 0)
      throw damaged('The index has a key that cannot be');
    const shared = sharedLength(this.key, key);
    const isAfter =
      shared < key.length && (shared === this.key.length || (this.key[shared] as number) < (key[shared] as number));
    if (!this.#isFirst && !isAfter) throw damaged(`The index is not in order at ${keyText(key)}`);
    return shared;
  }

  /** Takes over a key, with the entries of its blocks from an index of these bytes on. */
  #take(key: Uint8Array, type: number, count: number, bytes: Uint8Array, at: number): void {
    this.shared = this.#checkKey(key, type, count);
    this.blocks.parse(bytes, at, count);
    this.key = key;
    this.type = blockTypes[type] as FieldType;
    this.#isFirst = false;
    this.#checkBlocks();
    this.#position += KEY_FRAME_BYTES + key.length + count * ENTRY_BYTES;
  }

  /** Returns bytes that are in memory already, from here on: no promise is waited for at most keys. */
  #peek(from: number, length: number): Uint8Array | undefined {
    const position = this.#position + from;
    if (position + length > this.#layout.indexEnd) throw damaged('The index ends in the middle of a key');
    return this.#bytes.peek(position, length);
  }

  #load(from: number, length: number): Promise<Uint8Array> {
    return this.#bytes.load(this.#position + from, length);
  }

  #checkBlocks(): void {
    const { blocks } = this;
    if (this.#layout.isRescued) return;
    for (let i = 0; i < blocks.length; i += 1) {
      if (blocks.offsets[i] !== this.#nextOffset)
        throw this.#contradiction('does not begin where the one before it ends', i);
      if (compareWords(blocks.timeWords, 2 * i, blocks.timeWords, 2 * i + 1) > 0) {
        throw this.#contradiction('ends before it begins', i);
      }
      this.#nextOffset += blocks.sizes[i] as number;
      if (this.#nextOffset > this.#layout.indexStart) throw this.#contradiction('reaches into the index', i);
    }
  }

  #contradiction(what: string, i: number): Error {
    return damaged(`In the index, block ${i + 1} of ${keyText(this.key)} ${what}`);
  }
}

/** Counts the bytes that two keys begin with in common. Keys are short: a loop is faster than a call into `Buffer`. */
function sharedLength(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length);
  let i = 0;
  while (i + 4 <= end && a[i] === b[i] && a[i + 1] === b[i + 1] && a[i + 2] === b[i + 2] && a[i + 3] === b[i + 3]) {
    i += 4;
  }
  while (i < end && a[i] === b[i]) i += 1;
  return i;
}

function u16At(bytes: Uint8Array, i: number): number {
  return ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
}
