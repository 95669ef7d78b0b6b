import { asBuffer, BACKSLASH, LF } from '../bytes';
import { LineProtocolError } from '../errors';
import { resolveSplitLimits, type SplitLimits } from '../options';
import { keepCompiled } from './keep-compiled';
import { isPlainStart, RecordBoundary } from './record-boundary';

/** Whole records. Each ends in LF, except perhaps the very last of a stream. */
export interface Batch {
  readonly bytes: Uint8Array;
  readonly lines: number;
}

/** A batch that was cut at a comment, because the splitter was asked to hand over such comments. */
export interface MarkedBatch extends Batch {
  /** The comment, without its LF. The batch may be empty. */
  readonly mark?: string;
}

/** Small chunks are collected in buffers of this size, so that each is copied once. */
const BUFFER_BYTES_MIN = 64 * 1024;

/** Options for use within this package. */
export interface SplitterOptions {
  /** Chooses the comments at which a batch is cut and that are handed over with it; default: none. */
  readonly isMark?: (comment: Buffer) => boolean;
  /**
   * Set if the caller gives its chunks away. Batches are then views of them, and are also cut where the next chunk does not
   * follow in memory; only a record that lies across such a place is copied.
   */
  readonly takesChunks?: boolean;
  readonly observer?: RecordObserver;
}

/** Sees every record that a splitter finds. An object and no function: V8 throws away compiled code with a function that it was compiled for. */
export interface RecordObserver {
  /** Called with every record: it is `[start, end)`, and a LF stands at `end`, unless the bytes end there. */
  onRecord(bytes: Buffer, start: number, end: number): void;
}

/**
 * Cuts a stream of chunks at record boundaries into batches, limited by bytes and lines. Blank lines and comments are left out.
 *
 * Memory is bounded by `bytesMax`, `recordBytesMax` and the size of a chunk. A batch owns its bytes: chunks may be reused.
 */
export class LineSplitter {
  readonly #bytesMax: number;
  readonly #linesMax: number;
  readonly #recordBytesMax: number;
  readonly #isMark: ((comment: Buffer) => boolean) | undefined;
  readonly #takesChunks: boolean;
  readonly #observer: RecordObserver | undefined;
  readonly #boundary = new RecordBoundary();
  /** Bytes that were handed out in a batch are never written again. */
  #buffer: Buffer = Buffer.alloc(0);
  /** Says whether the memory behind `#length` may be written to: not if it is a chunk's. */
  #hasRoom = true;
  /** The batch being made is `[#batchStart, #batchEnd)`; the record being read begins at `#recordStart`. */
  #batchStart = 0;
  #batchEnd = 0;
  #lines = 0;
  #recordStart = 0;
  #length = 0;
  #isOverlong = false;

  /**
   * @param options for use within this package
   * @throws LineProtocolError `INVALID_OPTIONS` for a limit below 1 or an unknown one
   */
  constructor(limits: SplitLimits, options: SplitterOptions = {}) {
    const { bytesMax, linesMax, recordBytesMax } = resolveSplitLimits(limits);
    this.#bytesMax = bytesMax;
    this.#linesMax = linesMax;
    this.#recordBytesMax = recordBytesMax;
    this.#isMark = options.isMark;
    this.#takesChunks = options.takesChunks ?? false;
    this.#observer = options.observer;
  }

  /**
   * Returns the batches that are full with this chunk.
   *
   * @throws LineProtocolError `SYNTAX` if a record exceeds `recordBytesMax`, once the batches before it have been
   * returned
   */
  push(chunk: Uint8Array): MarkedBatch[] {
    const batches: MarkedBatch[] = [];
    if (this.#isOverlong) throw this.#overlong();
    if (this.#takesChunks) this.#take(asBuffer(chunk), batches);
    else this.#split(this.#append(chunk), batches);
    if (this.#isOverlong && batches.length === 0) throw this.#overlong();
    return batches;
  }

  /** Says whether a record has begun that has not ended. */
  get hasUnfinished(): boolean {
    return this.unfinishedBytes > 0;
  }

  /** Says whether a LF would not end the record that has begun: a string in it is open, or a backslash came last. */
  get isOpen(): boolean {
    return this.#boundary.isOpen;
  }

  /** The bytes so far of the record that has begun. */
  get unfinishedBytes(): number {
    return this.#length - this.#recordStart;
  }

  /** Returns the whole records that are left; a record that has begun goes on with the next chunk. */
  flush(): Batch[] {
    return this.#lines > 0 ? [this.#takeBatch()] : [];
  }

  /**
   * Returns the whole records that are left, and a last record without LF as it is. The splitter can then be used again.
   *
   * @throws LineProtocolError as {@link push}
   */
  end(): Batch[] {
    const batches: Batch[] = [];
    if (this.#isOverlong) throw this.#overlong();
    // The boundary went over it: a second look at megabytes of blanks would keep the event loop.
    if (this.#boundary.isInRecord) this.#addRecord(this.#length, batches);
    this.#boundary.reset();
    this.#recordStart = this.#length;
    return [...batches, ...this.flush()];
  }

  /** Reads the chunk in its own memory. */
  #take(chunk: Buffer, batches: MarkedBatch[]): void {
    let rest = chunk;
    if (!this.#goesOnIn(chunk)) {
      batches.push(...this.flush());
      if (this.hasUnfinished) {
        const end = this.#finishRecord(chunk, batches);
        if (end === -1) return;
        rest = chunk.subarray(end);
      }
      this.#buffer = Buffer.from(rest.buffer as ArrayBuffer, rest.byteOffset);
      this.#hasRoom = false;
      this.#batchStart = this.#batchEnd = this.#recordStart = this.#length = 0;
    }
    const from = this.#length;
    this.#length += rest.length;
    this.#split(from, batches);
  }

  /** Returns whether the chunk lies in memory just behind what has been read. */
  #goesOnIn({ buffer, byteOffset }: Buffer): boolean {
    return buffer === this.#buffer.buffer && byteOffset === this.#buffer.byteOffset + this.#length && !this.#hasRoom;
  }

  /** Copies the rest of the record that has begun to its beginning; returns where it ends in the chunk, or -1. */
  #finishRecord(chunk: Buffer, batches: MarkedBatch[]): number {
    const lf = this.#boundary.next(chunk, 0);
    this.#append(lf === -1 ? chunk : chunk.subarray(0, lf + 1));
    this.#isOverlong = this.#length - this.#recordStart > this.#recordBytesMax;
    if (lf === -1 || this.#isOverlong) return -1;
    this.#endStretch(this.#length, batches);
    batches.push(...this.flush());
    return lf + 1;
  }

  /** Copies the chunk behind what has been read; returns where it stands now. */
  #append(chunk: Uint8Array): number {
    const pending = this.#length - this.#batchStart;
    if (!this.#hasRoom || this.#length + chunk.length > this.#buffer.length) {
      // In a long stream several batches share a buffer, so that few unfinished ones are moved to the next.
      const room = this.#hasRoom ? Math.min(2 * this.#buffer.length, 4 * this.#bytesMax) : 0;
      const larger = Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES_MIN, 2 * (pending + chunk.length), room));
      this.#buffer.copy(larger, 0, this.#batchStart, this.#length);
      this.#buffer = larger;
      this.#hasRoom = true;
      this.#batchEnd -= this.#batchStart;
      this.#recordStart -= this.#batchStart;
      this.#batchStart = 0;
      this.#length = pending;
    }
    const from = this.#length;
    this.#buffer.set(chunk, from);
    this.#length += chunk.length;
    return from;
  }

  /** Goes through what has been read, from `start` on. */
  #split(start: number, batches: MarkedBatch[]): void {
    const bytes = this.#buffer.subarray(0, this.#length);
    for (let from = start; ; ) {
      from = this.#addPlain(bytes, from, batches);
      if (from === this.#length) return;
      const lf = this.#boundary.next(bytes, from);
      from = lf === -1 ? this.#length : lf + 1;
      this.#isOverlong = from - this.#recordStart > this.#recordBytesMax;
      if (lf === -1 || this.#isOverlong) return;
      this.#endStretch(from, batches);
    }
  }

  /** Adds records, from the beginning of one on, as long as each plainly ends at its first LF; returns where the rest begins. */
  #addPlain(bytes: Buffer, from: number, batches: MarkedBatch[]): number {
    const end = this.#boundary.plainUntil(bytes, from);
    let at = from;
    while (at < end && isPlainStart(bytes[at] as number)) {
      const lf = bytes.indexOf(LF, at);
      if (lf === -1 || lf > end || bytes[lf - 1] === BACKSLASH || lf - at >= this.#recordBytesMax) break;
      at = lf + 1;
      this.#addRecord(at, batches);
    }
    return at;
  }

  #endStretch(end: number, batches: MarkedBatch[]): void {
    if (this.#boundary.stretch === 'record') this.#addRecord(end, batches);
    else this.#skip(end, batches);
  }

  #addRecord(end: number, batches: Batch[]): void {
    const bytes = end - this.#recordStart;
    if (this.#observer !== undefined) {
      const recordEnd = this.#buffer[end - 1] === LF ? end - 1 : end;
      this.#observer.onRecord(this.#buffer, this.#recordStart, recordEnd);
    }
    if (this.#lines > 0 && this.#batchEnd - this.#batchStart + bytes > this.#bytesMax) batches.push(this.#takeBatch());
    if (this.#lines === 0) this.#batchStart = this.#batchEnd = this.#recordStart;
    // A comment was left out before this record: close the gap.
    if (this.#batchEnd < this.#recordStart) this.#buffer.copyWithin(this.#batchEnd, this.#recordStart, end);
    this.#batchEnd += bytes;
    this.#recordStart = end;
    this.#lines += 1;
    const isFull = this.#lines >= this.#linesMax || this.#batchEnd - this.#batchStart >= this.#bytesMax;
    if (isFull) batches.push(this.#takeBatch());
  }

  /** Leaves a blank line or a comment out. */
  #skip(end: number, batches: MarkedBatch[]): void {
    const comment = this.#buffer.subarray(this.#recordStart, end - 1);
    this.#recordStart = end;
    if (this.#isMark?.(comment)) batches.push({ ...this.#takeBatch(), mark: comment.toString('utf8') });
  }

  #takeBatch(): Batch {
    const batch = { bytes: this.#buffer.subarray(this.#batchStart, this.#batchEnd), lines: this.#lines };
    this.#batchStart = this.#batchEnd = this.#recordStart;
    this.#lines = 0;
    return batch;
  }

  #overlong(): LineProtocolError {
    return new LineProtocolError(
      'SYNTAX',
      `a record exceeds ${this.#recordBytesMax} bytes (recordBytesMax); perhaps a string value was never closed`,
    );
  }
}

keepCompiled(new LineSplitter({ bytesMax: 1, linesMax: 1 }));
