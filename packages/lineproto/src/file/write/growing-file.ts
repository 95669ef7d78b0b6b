import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzip as gzipOf } from 'node:zlib';
import type { FileHeader, FileSummary } from '../header/file-header';
import { formatHeader } from '../header/format-header';
import { LineDigest } from '../line-digest';
import { checkSummary } from './check-summary';
import { gzip, OUTPUT_BYTES, WINDOW_BITS } from './gzip';

const compress = promisify(gzipOf);

/** How many bytes of lines zlib gets at once. A block is a member of its own, and repeats nothing of the block before. */
const BLOCK_BYTES = 2 * 1024 * 1024;

/** The lines that stay uncompressed until the header is known: it and the first lines are one member. */
const FIRST_BYTES = 64 * 1024;

/** How much of a block is compressed between two pauses: about a millisecond's work. */
const PIECE_BYTES = 64 * 1024;

/** How fast blocks may be compressed, for the sake of what else runs on the machine. */
export interface CompressionPace {
  /** Is true while others need the processors: then one block at a time is compressed, piece by piece. */
  readonly isShared: boolean;
  /** Is called after each piece; the next one waits for what it returns, if anything. */
  pause(): Promise<void> | undefined;
}

/** A backup file, and what is known of it. */
export interface GrownFile {
  /** The members of the gzip file, in order. */
  readonly members: readonly Uint8Array[];
  /** The SHA-256 of the lines, as in the footer. */
  readonly sha256: string;
}

/**
 * Makes a backup file of valid lines whose summary is known only in the end, and keeps no more of it in memory than its gzip: blocks of
 * lines are compressed while the next ones come, several at once, on libuv's threads.
 *
 * The file is the one that {@link encodeSummarizedFile} writes, but for the gzip, which has several members.
 */
export class GrowingFile {
  readonly #level: number;
  readonly #blocksMax: number;
  readonly #pace: CompressionPace;
  readonly #digest = new LineDigest();
  readonly #blocks: Promise<Uint8Array>[] = [];
  readonly #running = new Set<Promise<unknown>>();
  /** Memory of blocks that are compressed. A new one for each costs as much as hashing the lines. */
  readonly #free: Buffer[] = [];
  #first: Uint8Array = new Uint8Array(0);
  #block: Buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** @param blocksMax how many blocks are compressed at once, unless others need the processors */
  constructor(level: number, blocksMax: number, pace: CompressionPace) {
    this.#level = level;
    this.#blocksMax = blocksMax;
    this.#pace = pace;
  }

  /**
   * Takes whole lines, and copies them. Await what it returns, unless it is `undefined`, before the next call: it waits until another block can be compressed.
   */
  add(lines: Uint8Array, count: number): Promise<void> | undefined {
    this.#digest.add(lines, count);
    for (let at = 0; at < lines.length; ) {
      const end = Math.min(lines.length, at + this.#block.length - this.#length);
      this.#block.set(lines.subarray(at, end), this.#length);
      this.#length += end - at;
      at = end;
      if (this.#length === this.#block.length) this.#end();
    }
    return this.#isFull ? this.#untilFree() : undefined;
  }

  /**
   * Ends the file.
   *
   * @throws LineProtocolError `INVALID_NAME` or `INVALID_VALUE` for a header that cannot be written or a summary that the lines do not match
   */
  async finish(header: FileHeader & { readonly summary: FileSummary }): Promise<GrownFile> {
    checkSummary(header, this.#digest);
    const last = Buffer.concat([this.#block.subarray(0, this.#length), Buffer.from(`${this.#digest.footer()}\n`)]);
    const opening = Buffer.from(formatHeader(header));
    const isShort = this.#first.length === 0;
    const head = this.#compress(Buffer.concat(isShort ? [opening, last] : [opening, this.#first]));
    const members = await Promise.all([head, ...this.#blocks, ...(isShort ? [] : [this.#compress(last)])]);
    return { members, sha256: this.#digest.sha256() };
  }

  #end(): void {
    const block = this.#block;
    if (this.#first.length === 0) this.#first = block;
    else {
      const member = this.#compress(block);
      this.#blocks.push(member);
      const settled: Promise<unknown> = member
        .catch(() => undefined) // `finish` reports it
        .then(() => {
          this.#running.delete(settled);
          this.#free.push(block);
        });
      this.#running.add(settled);
    }
    this.#block = this.#free.pop() ?? Buffer.allocUnsafeSlow(BLOCK_BYTES);
    this.#length = 0;
  }

  get #isFull(): boolean {
    return this.#running.size >= (this.#pace.isShared ? 1 : this.#blocksMax);
  }

  async #untilFree(): Promise<void> {
    while (this.#isFull) await Promise.race(this.#running);
  }

  async #compress(bytes: Uint8Array): Promise<Uint8Array> {
    if (this.#pace.isShared) return await buffer(gzip(this.#piecesOf(bytes), this.#level));
    return await compress(bytes, { level: this.#level, windowBits: WINDOW_BITS, chunkSize: OUTPUT_BYTES });
  }

  async *#piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (at > 0) await this.#pace.pause();
      yield bytes.subarray(at, at + PIECE_BYTES);
    }
  }
}
