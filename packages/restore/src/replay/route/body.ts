import type { Precision } from '@ceres/lineproto';
import type { FileInFlight } from '../account/file-in-flight';

/** The address of a write. All records of a body go to the same address. */
export interface WriteAddress {
  readonly database: string;
  /** The policy's own name, never `''`. */
  readonly retentionPolicy: string;
  readonly precision: Precision;
  /** The shard duration of the policy: each shard that a write touches has a writer of its own in the server. */
  readonly shardDurationMs: number;
}

/** Records of one file that follow each other in a body. */
export interface BodyPart {
  readonly file: FileInFlight;
  /** The offset in the body after the last byte. */
  endBytes: number;
  records: number;
}

/** The records that one write sends. */
export interface Body {
  readonly to: WriteAddress;
  /** Whole records, each ending in LF. */
  readonly bytes: Uint8Array;
  readonly records: number;
  /** The parts, in the order of the bytes. */
  readonly parts: readonly BodyPart[];
}

const lineFeed = 10;
const noBytes = Buffer.alloc(0);

/** Fills a body. `take` returns it and starts the next one. */
export class BodyBuilder {
  readonly #to: WriteAddress;
  readonly #buffers: BodyBuffers;
  #bytes: Buffer = noBytes;
  #length = 0;
  #records = 0;
  #parts: BodyPart[] = [];

  constructor(to: WriteAddress, buffers: BodyBuffers) {
    this.#to = to;
    this.#buffers = buffers;
  }

  get sizeBytes(): number {
    return this.#length;
  }

  get records(): number {
    return this.#records;
  }

  /** Copies `source[start, end)`, which are whole records. The last LF is optional. */
  append(file: FileInFlight, source: Buffer, start: number, end: number, records: number): void {
    this.#grow(end - start + 1);
    source.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
    if (this.#bytes[this.#length - 1] !== lineFeed) {
      this.#bytes[this.#length] = lineFeed;
      this.#length += 1;
    }
    this.#records += records;
    const last = this.#parts.at(-1);
    if (last?.file === file) {
      last.endBytes = this.#length;
      last.records += records;
    } else this.#parts.push({ file, endBytes: this.#length, records });
  }

  /** Returns the body, and starts the next one; `undefined` if there is nothing to send. */
  take(): Body | undefined {
    if (this.#records === 0) return undefined;
    const body = {
      to: this.#to,
      bytes: this.#bytes.subarray(0, this.#length),
      records: this.#records,
      parts: this.#parts,
    };
    this.#bytes = noBytes;
    this.#length = 0;
    this.#records = 0;
    this.#parts = [];
    return body;
  }

  #grow(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = this.#buffers.take(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#buffers.give(this.#bytes);
    this.#bytes = larger;
  }
}

const bytesMin = 64 * 1024;
/** How many buffers are kept: enough for four lanes, for the bodies being filled and those in flight. */
const keptMax = 16;

/** Reuses the buffers of delivered bodies, because megabytes at a time are too much for the garbage collector. */
export class BodyBuffers {
  readonly #free: Buffer[] = [];

  /** Returns a buffer of at least `sizeBytes`, with any content. */
  take(sizeBytes: number): Buffer {
    const fitting = this.#free.findIndex((buffer) => buffer.length >= sizeBytes);
    if (fitting >= 0) return this.#free.splice(fitting, 1)[0] as Buffer;
    return Buffer.allocUnsafeSlow(Math.max(bytesMin, 2 ** Math.ceil(Math.log2(sizeBytes))));
  }

  /**
   * Takes a buffer back.
   *
   * @param bytes what `take` returned, or a part of it; it must not be read any more
   */
  give({ buffer }: Uint8Array): void {
    if (buffer.byteLength > bytesMin && this.#free.length < keptMax)
      this.#free.push(Buffer.from(buffer as ArrayBuffer));
  }
}
