import type { LineSummary } from '@ceres/lineproto';
import type { SinkError } from '../../errors';
import type { SpoolFile } from '../files/backlog';
import type { BufferPool } from './buffer-pool';
import { FrameBuffer } from './frame';

/**
 * While one frame goes to the disk the next is made ready: a larger one would keep all writers waiting for the disk, and then the
 * disk for them. A single larger write has a frame of its own.
 */
const frameBytesMax = 512 * 1024;
/** Of a new frame's buffer, which grows: a thousand quiet partitions should not hold megabytes, and so little costs nothing to make. */
const frameBytesAtFirst = 2 * 1024;

/** The lines of one write, and what is known of them. */
export interface SegmentLines {
  readonly bytes: Uint8Array;
  readonly lines: number;
  readonly facts: LineSummary | undefined;
}

/** A write that waits for its frame. */
interface Commit extends Pick<SegmentLines, 'lines' | 'facts'> {
  resolve(file: SpoolFile): void;
  reject(error: SinkError): void;
}

/** Writes that become durable together. */
export interface Frame {
  readonly buffer: FrameBuffer;
  readonly commits: Commit[];
  /** Called when the frame is committed or failed. */
  readonly settled: (() => void)[];
  /** Whether somebody wants the file sealed that holds it. */
  sealAfter: boolean;
}

/** Collects the writes of a partition into frames, in the order of their calls. */
export class FrameQueue {
  readonly #pool: BufferPool;
  readonly #bytesMax: number;
  readonly #frames: Frame[] = [];
  /** What the next frame will probably need. */
  #lastFrameBytes = frameBytesAtFirst;

  constructor(pool: BufferPool, segmentBytesMax: number) {
    this.#pool = pool;
    this.#bytesMax = Math.min(frameBytesMax, segmentBytesMax);
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** Copies the lines; resolves with their file when whoever took the frame has made it durable. */
  add({ bytes, lines, facts }: SegmentLines): Promise<SpoolFile> {
    return new Promise((resolve, reject) => {
      const frame = this.#frameFor(bytes.byteLength);
      frame.buffer.append(bytes);
      frame.commits.push({ lines, facts, resolve, reject });
    });
  }

  /** Takes the oldest: it takes no more lines. */
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
