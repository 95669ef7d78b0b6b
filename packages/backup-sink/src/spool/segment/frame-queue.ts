import type { SinkError } from '../../errors';
import type { AppendedLines, SpoolFile } from '../files/spool-file';
import type { BufferPool } from './buffer-pool';
import { FrameBuffer } from './frame';

/**
 * The most that a frame collects. While one goes to the disk the next is filled: with larger frames, first all writers would wait for
 * the disk, and then the disk for them. A single larger write gets a frame of its own.
 */
const frameBytesMax = 512 * 1024;
/** The size of a new frame's buffer, which grows: a thousand quiet partitions should not hold megabytes, and a buffer this small costs nothing to make. */
const frameBytesAtFirst = 2 * 1024;

/** The lines of one write, and what is known of them. */
export interface SegmentLines extends AppendedLines {
  readonly bytes: Uint8Array;
}

/** A write that waits for its frame. */
interface Commit extends AppendedLines {
  resolve(file: SpoolFile): void;
  reject(error: SinkError): void;
}

/** Writes that become durable together. */
export interface Frame {
  readonly buffer: FrameBuffer;
  readonly commits: Commit[];
  /** Callbacks for when the frame is committed or failed. */
  readonly settled: (() => void)[];
  /** True if the file that holds it is to be sealed after it. */
  sealAfter: boolean;
}

/** Collects the writes of a partition into frames, in the order of their calls. */
export class FrameQueue {
  readonly #pool: BufferPool;
  readonly #bytesMax: number;
  readonly #frames: Frame[] = [];
  /** The size that the next frame will probably need. */
  #lastFrameBytes = frameBytesAtFirst;

  constructor(pool: BufferPool, segmentBytesMax: number) {
    this.#pool = pool;
    this.#bytesMax = Math.min(frameBytesMax, segmentBytesMax);
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** Copies the lines; resolves with their file once their frame is durable. */
  add({ bytes, lines, summary }: SegmentLines): Promise<SpoolFile> {
    return new Promise((resolve, reject) => {
      const frame = this.#frameFor(bytes.byteLength);
      frame.buffer.append(bytes);
      frame.commits.push({ lines, summary, resolve, reject });
    });
  }

  /** Returns the frames that wait, oldest first. */
  get waiting(): readonly Frame[] {
    return this.#frames;
  }

  /** Removes and returns the oldest frame, which takes no more lines. */
  take(): Frame | undefined {
    const frame = this.#frames.shift();
    if (frame !== undefined) this.#lastFrameBytes = Math.max(frameBytesAtFirst, frame.buffer.bytes);
    return frame;
  }

  get newest(): Frame | undefined {
    return this.#frames.at(-1);
  }

  #frameFor(bytes: number): Frame {
    const { newest } = this;
    if (newest !== undefined && newest.buffer.bytes + bytes <= this.#bytesMax) return newest;
    const buffer = new FrameBuffer(this.#pool, Math.max(bytes, this.#lastFrameBytes));
    const frame = { buffer, commits: [], settled: [], sealAfter: false };
    this.#frames.push(frame);
    return frame;
  }
}
