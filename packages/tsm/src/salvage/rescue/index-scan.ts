import { blockTypes } from '../../blocks/block';
import { u32At } from '../../bytes';
import type { FieldType } from '../../column';
import type { ByteSource } from '../../files/byte-source';
import { BlockList, ENTRY_BYTES } from '../../files/index/block-list';
import { isFieldKey } from '../../files/key';
import { ReadAhead } from '../../files/read-ahead';
import type { BlockCheck, CheckedBlock } from './block-check';
import { findKey, type KeyPlace } from './find-key';
import { isNext, type KeyStep, type LostBlock, type ScanStep } from './scan-step';

/** A key in the index, and where its entries end. */
interface Entry {
  readonly step: KeyStep;
  readonly end: number;
}

/** The length of the key before it, its type and the number of its blocks behind it. */
const LENGTH_BYTES = 2;
const HEAD_BYTES = 3;

/**
 * Reads a damaged index. What can be read is held against the blocks, which have checksums and lie one behind another. Where an entry
 * cannot be read, the next key is looked for that leads to a block with a right checksum.
 */
export class IndexScan {
  readonly #bytes: ReadAhead;
  readonly #blocks: BlockCheck;
  readonly #end: number;
  /** The beginning of the next block, as far as the one before it could be read. */
  #expected: number | undefined;
  readonly #entry = new BlockList();

  /**
   * @param end the end of the index
   * @param expected where the block of the first key begins, if that is known
   */
  constructor(source: ByteSource, blocks: BlockCheck, end: number, expected: number | undefined) {
    this.#bytes = new ReadAhead(source, end);
    this.#blocks = blocks;
    this.#end = end;
    this.#expected = expected;
  }

  async *steps(start: number): AsyncGenerator<ScanStep> {
    let position = start;
    while (position < this.#end) {
      const entry = await this.#entryAt(position);
      if (entry !== undefined) {
        yield entry.step;
        position = entry.end;
        continue;
      }
      this.#expected = undefined;
      const found = await this.#search(position);
      const next = found === undefined ? this.#end : found.place.start;
      if (next > position) yield { kind: 'lost', from: position, to: next };
      if (found === undefined) return;
      yield found.entry.step;
      position = found.entry.end;
    }
  }

  /** Reads the entry that begins here, if it is one. */
  async #entryAt(position: number): Promise<Entry | undefined> {
    const length = await this.#u16(position);
    const head = position + LENGTH_BYTES + (length ?? 0);
    if (length === undefined || length === 0 || head + HEAD_BYTES + ENTRY_BYTES > this.#end) return undefined;
    const key = (await this.#read(position + LENGTH_BYTES, length)).slice();
    return isFieldKey(key) ? this.#blocksOf({ key, start: position, head }) : undefined;
  }

  async #search(position: number): Promise<{ readonly place: KeyPlace; readonly entry: Entry } | undefined> {
    const read = (from: number, length: number) => this.#read(from, Math.min(length, this.#end - from));
    for await (const place of findKey({ read, end: this.#end, blocks: this.#blocks }, position)) {
      if (this.#blocks.isExhausted) return undefined;
      const entry = await this.#blocksOf(place);
      if (entry !== undefined && entry.step.blocks.length > 0) return { place, entry };
      this.#expected = undefined;
    }
    return undefined;
  }

  /** Reads the blocks of a key. Returns `undefined` if nothing speaks for it that these are blocks. */
  async #blocksOf({ key, start, head }: KeyPlace): Promise<Entry | undefined> {
    const [typeNumber = 0] = await this.#read(head, 1);
    const count = (await this.#u16(head + 1)) ?? 0;
    const blocks: CheckedBlock[] = [];
    const lost: LostBlock[] = [];
    let at = head + HEAD_BYTES;
    // A wrong number of blocks shows where another key begins too early, or where the next block of this one follows.
    for (let i = 0; at + ENTRY_BYTES <= this.#end; i += 1) {
      const isNamed = i < Math.max(1, count);
      const block = await this.#block(at, isNamed);
      if (block === undefined && (!isNamed || (i > 0 && !this.#isPlausible() && (await this.#beginsKey(at))))) break;
      if (!isNamed && (block === undefined || !isNext(block, blocks.at(-1)) || (await this.#beginsKey(at)))) break;
      if (block !== undefined) blocks.push(block);
      else {
        if (i === 0 && !this.#isPlausible()) return undefined;
        lost.push(this.#lostBlock());
      }
      this.#expected =
        block === undefined ? (this.#isPlausible() ? this.#nextOffset() : undefined) : block.offset + block.sizeBytes;
      at += ENTRY_BYTES;
    }
    if (blocks.length === 0 && (lost.length === 0 || blockTypes[typeNumber] === undefined)) return undefined;
    const type = blocks[0]?.type ?? (blockTypes[typeNumber] as FieldType);
    return { step: { kind: 'key', start, key, type, blocks, lost }, end: at };
  }

  /**
   * Reads the entry of a block, and the block. Where the block before it ends is known better than the offset in the entry; and where the
   * one behind it begins tells its size.
   */
  async #block(at: number, isNamed: boolean): Promise<CheckedBlock | undefined> {
    this.#entry.parse(await this.#read(at, ENTRY_BYTES), 0, 1);
    const [offset, sizeBytes] = [this.#entry.offsets[0] as number, this.#entry.sizes[0] as number];
    const expected = this.#expected;
    if (!isNamed && offset !== expected) return undefined;
    if (expected !== undefined) {
      const block = await this.#blocks.check(expected, sizeBytes);
      if (block !== undefined || !isNamed) return block;
      for (const next of await this.#offsetsBehind(at)) {
        const sized = next === sizeBytes + expected ? undefined : await this.#blocks.check(expected, next - expected);
        if (sized !== undefined) return sized;
      }
    }
    const block = offset === expected ? undefined : await this.#blocks.check(offset, sizeBytes);
    // Nothing but the times tells that it is the block that is meant.
    return block?.first === this.#entry.first(0) && block.last === this.#entry.last(0) ? block : undefined;
  }

  /** Returns where the next block may begin: as the next entry of the same key says, or the first of the next key. */
  async #offsetsBehind(at: number): Promise<readonly number[]> {
    const next = at + ENTRY_BYTES;
    const keyLength = await this.#u16(next);
    if (keyLength === undefined) return [];
    const places = [next + 16, next + LENGTH_BYTES + keyLength + HEAD_BYTES + 16];
    const offsets: number[] = [];
    for (const place of places) {
      if (place + 8 > this.#end) continue;
      const bytes = await this.#read(place, 8);
      offsets.push(u32At(bytes, 0) * 4294967296 + u32At(bytes, 4));
    }
    return offsets;
  }

  /** Returns whether a key begins here whose first block can be read. */
  async #beginsKey(position: number): Promise<boolean> {
    const length = await this.#u16(position);
    const head = position + LENGTH_BYTES + (length ?? 0);
    if (length === undefined || length === 0 || head + HEAD_BYTES + ENTRY_BYTES > this.#end) return false;
    if (!isFieldKey(await this.#read(position + LENGTH_BYTES, length))) return false;
    const entry = new BlockList();
    entry.parse(await this.#read(head + HEAD_BYTES, ENTRY_BYTES), 0, 1);
    return (await this.#blocks.check(entry.offsets[0] as number, entry.sizes[0] as number)) !== undefined;
  }

  /** Returns whether the current entry of a block contradicts nothing but its block. */
  #isPlausible(): boolean {
    const { offsets, sizes } = this.#entry;
    const [offset, sizeBytes] = [offsets[0] as number, sizes[0] as number];
    const isInPlace = this.#expected === undefined || offset === this.#expected;
    return isInPlace && this.#blocks.fits(offset, sizeBytes) && this.#entry.first(0) <= this.#entry.last(0);
  }

  #nextOffset(): number {
    return (this.#entry.offsets[0] as number) + (this.#entry.sizes[0] as number);
  }

  #lostBlock(): LostBlock {
    const { offsets, sizes } = this.#entry;
    const [first, last] = [this.#entry.first(0), this.#entry.last(0)];
    return { offset: offsets[0] as number, sizeBytes: sizes[0] as number, first, last };
  }

  async #u16(position: number): Promise<number | undefined> {
    if (position + 2 > this.#end) return undefined;
    const bytes = await this.#read(position, 2);
    return ((bytes[0] as number) << 8) | (bytes[1] as number);
  }

  async #read(position: number, length: number): Promise<Uint8Array> {
    return this.#bytes.peek(position, length) ?? (await this.#bytes.load(position, length));
  }
}
