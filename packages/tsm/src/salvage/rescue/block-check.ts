import { crc32 } from 'node:zlib';
import { blockTypes, decodeBlock } from '../../blocks/block';
import { u32At } from '../../bytes';
import { ColumnBuffer, type FieldType } from '../../column';
import { TsmError } from '../../errors';
import type { ByteSource } from '../../files/byte-source';
import { ReadAhead } from '../../files/read-ahead';

/** A block whose checksum is right, and what it says of itself. */
export interface CheckedBlock {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly type: FieldType;
  readonly first: bigint;
  readonly last: bigint;
}

/** The first block of a TSM file. */
export const BLOCKS_START = 5;
/** A checksum, a type, and a byte of times and of values. */
const BLOCK_BYTES_MIN = 8;
/** Larger blocks are only held as a whole after their checksum was found right. */
const PIECE_BYTES = 1024 * 1024;

/** Tells of any bytes of a file whether they are a block. */
export class BlockCheck {
  readonly sizeBytes: number;
  readonly #source: ByteSource;
  readonly #bytes: ReadAhead;
  readonly #column = new ColumnBuffer();
  #failedBytes = 0;

  constructor(source: ByteSource) {
    this.#source = source;
    this.sizeBytes = source.sizeBytes;
    this.#bytes = new ReadAhead(source, source.sizeBytes);
  }

  /** Becomes true when a file was built to make each guess expensive: what is not found by now is given up. */
  get isExhausted(): boolean {
    return this.#failedBytes > 4 * this.sizeBytes + 64 * PIECE_BYTES;
  }

  /** Returns what a block says of itself, or `undefined` if the bytes are not a block. */
  async check(offset: number, sizeBytes: number): Promise<CheckedBlock | undefined> {
    if (!this.fits(offset, sizeBytes)) return undefined;
    const head = await this.#read(offset, BLOCK_BYTES_MIN);
    if (blockTypes[head[4] as number] === undefined) return undefined;
    this.#failedBytes += sizeBytes;
    if (sizeBytes > PIECE_BYTES && !(await this.#isChecksumRight(offset, sizeBytes))) return undefined;
    try {
      decodeBlock(await this.#read(offset, sizeBytes), this.#column);
    } catch (error) {
      if (error instanceof TsmError && error.code === 'DAMAGED') return undefined;
      throw error;
    }
    this.#failedBytes -= sizeBytes;
    const { type, times, length } = this.#column;
    return { offset, sizeBytes, type, first: times[0] as bigint, last: times[length - 1] as bigint };
  }

  /** Returns whether a block can lie there. */
  fits(offset: number, sizeBytes: number): boolean {
    return offset >= BLOCKS_START && sizeBytes >= BLOCK_BYTES_MIN && offset + sizeBytes <= this.sizeBytes;
  }

  async #isChecksumRight(offset: number, sizeBytes: number): Promise<boolean> {
    const expected = u32At(await this.#source.read(offset, 4), 0);
    let sum = 0;
    for (let at = offset + 4; at < offset + sizeBytes; at += PIECE_BYTES) {
      sum = crc32(await this.#source.read(at, Math.min(PIECE_BYTES, offset + sizeBytes - at)), sum);
    }
    return sum === expected;
  }

  async #read(position: number, length: number): Promise<Uint8Array> {
    return this.#bytes.peek(position, length) ?? (await this.#bytes.load(position, length));
  }
}
