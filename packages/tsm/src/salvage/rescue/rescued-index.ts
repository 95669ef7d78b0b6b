import { blockTypes } from '../../blocks/block';
import { ByteWriter } from '../../bytes';
import type { FieldType } from '../../column';
import { ENTRY_BYTES } from '../../files/index/block-list';
import type { CheckedBlock } from './block-check';

/** The most blocks that an index can name for one key. */
const BLOCKS_MAX = 65_535;

/** A key that was found in a damaged index, with those of its blocks that can be read. */
export interface RescuedKey {
  readonly key: Uint8Array;
  readonly type: FieldType;
  readonly blocks: readonly CheckedBlock[];
}

/** Collects keys in the format of an index, so that millions take no more memory than they took in the file. */
export class RescuedIndex {
  readonly #out = new ByteWriter(64 * 1024);
  readonly #starts: number[] = [];

  get length(): number {
    return this.#starts.length;
  }

  add({ key, type, blocks }: RescuedKey): void {
    const out = this.#out;
    this.#starts.push(out.length);
    const sorted = blocks.slice(0, BLOCKS_MAX).sort((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
    out.reserve(key.length + 5 + sorted.length * ENTRY_BYTES);
    out.u16(key.length);
    out.write(key);
    out.reserve(3 + sorted.length * ENTRY_BYTES);
    out.u8(blockTypes.indexOf(type));
    out.u16(sorted.length);
    for (const { first, last, offset, sizeBytes } of sorted) {
      out.i64(first);
      out.i64(last);
      out.u32(Math.floor(offset / 4294967296));
      out.u32(offset % 4294967296);
      out.u32(sizeBytes);
    }
  }

  /** Returns a view of key `i`. */
  key(i: number): Uint8Array {
    const at = this.#starts[i] as number;
    const { bytes } = this.#out;
    return bytes.subarray(at + 2, at + 2 + (((bytes[at] as number) << 8) | (bytes[at + 1] as number)));
  }

  type(i: number): FieldType {
    const at = (this.#starts[i] as number) + 2 + this.key(i).length;
    return blockTypes[this.#out.bytes[at] as number] as FieldType; // It was written by `add`.
  }

  /** Returns an index with one key. */
  only(i: number): Uint8Array {
    return this.#out.bytes.subarray(this.#starts[i], this.#starts[i + 1] ?? this.#out.length);
  }

  /** Returns an index without some keys. */
  without(unwanted: { has(i: number): boolean }): Uint8Array {
    return Buffer.concat(this.#starts.flatMap((_, i) => (unwanted.has(i) ? [] : [this.only(i)])));
  }
}
