import type { Precision } from '@ceres/lineproto';
import type { FileInFlight } from '../account/file-in-flight';

/** Where records go: all of one body to the same. */
export interface WriteDestination {
  readonly database: string;
  /** The policy's own name, never `''`. */
  readonly retentionPolicy: string;
  readonly precision: Precision;
  /** Of the policy: what one write stores in two shards is stored by two writers. */
  readonly shardDurationMs: number;
}

/** Records of one file that stand together in a body. */
export interface BodyPart {
  readonly file: FileInFlight;
  /** Behind the last byte, in the body. */
  endBytes: number;
  records: number;
}

/** What one write sends. */
export interface Body {
  readonly to: WriteDestination;
  /** Whole records, each ending in LF. */
  readonly bytes: Uint8Array;
  readonly records: number;
  /** In the order of the bytes. */
  readonly parts: readonly BodyPart[];
}

const lineFeed = 10;
const noBytes = Buffer.alloc(0);

/** A body being filled; `take` gives it away and begins the next. */
export class BodyBuilder {
  readonly #to: WriteDestination;
  readonly #buffers: BodyBuffers;
  #bytes: Buffer = noBytes;
  #length = 0;
  #records = 0;
  #parts: BodyPart[] = [];

  constructor(to: WriteDestination, buffers: BodyBuffers) {
    this.#to = to;
    this.#buffers = buffers;
  }

  get sizeBytes(): number {
    return this.#length;
  }

  get records(): number {
    return this.#records;
  }

  /** Copies `source[start, end)`: whole records, the last LF optional. */
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

  /** `undefined` if there is nothing to send. */
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
/** Enough for the bodies of four lanes, being filled and in flight. */
const keptMax = 16;

/** Buffers of bodies that were delivered, for those to come: megabytes a time are too much to leave to the garbage collector. */
export class BodyBuffers {
  readonly #free: Buffer[] = [];

  /** At least of this size, with anything in it. */
  take(sizeBytes: number): Buffer {
    const fitting = this.#free.findIndex((buffer) => buffer.length >= sizeBytes);
    if (fitting >= 0) return this.#free.splice(fitting, 1)[0] as Buffer;
    return Buffer.allocUnsafeSlow(Math.max(bytesMin, 2 ** Math.ceil(Math.log2(sizeBytes))));
  }

  /** Nobody may read it any more. @param bytes what `take` gave, or a part of it */
  give({ buffer }: Uint8Array): void {
    if (buffer.byteLength > bytesMin && this.#free.length < keptMax)
      this.#free.push(Buffer.from(buffer as ArrayBuffer));
  }
}
