import { formatPolicySwitch } from '@ceres/lineproto/internal';
import type { Clock } from '@ceres/storage';
import type { SinkError } from '../../errors';
import type { AppendedLines } from '../files/file-changes';
import type { SpoolFile } from '../files/spool-file';
import type { BufferPool } from './buffer-pool';
import { FrameBuffer, type FrameLines, OwnedFrame } from './frame';

/**
 * The most that a frame collects. While one goes to the disk the next is filled: with larger frames, first all writers would wait for
 * the disk, and then the disk for them. A single larger write gets a frame of its own.
 */
const frameBytesMax = 512 * 1024;
/** A frame collects at most this part of a segment, or each would end its segment far below its size. */
const framesPerSegmentMin = 4;
/** The part of its size from which on a frame has hardly any room left. */
const fullFrom = 7 / 8;
/** The size of a new frame's buffer, which grows: a thousand quiet partitions should not hold megabytes, and a buffer this small costs nothing to make. */
const frameBytesAtFirst = 2 * 1024;

/** The lines of one write, and what is known of them. */
export interface SegmentLines extends AppendedLines {
  readonly bytes: Uint8Array;
  /** True if the bytes will not change before they are on the disk. */
  readonly isOwned?: boolean | undefined;
  /** The policy of these lines, in a partition of several. */
  readonly policy?: string | undefined;
}

/** A write that waits for its frame. */
interface Commit extends AppendedLines {
  resolve(file: SpoolFile): void;
  reject(error: SinkError): void;
}

/** Writes that become durable together. */
export interface Frame {
  readonly buffer: FrameLines;
  readonly commits: Commit[];
  /** The policies of its lines; `undefined` in a partition of one policy. */
  policies: Set<string> | undefined;
  /** The policy of its last lines. */
  lastPolicy: string | undefined;
  /** Callbacks for when the frame is committed or failed. */
  readonly settled: (() => void)[];
  /** When the first of them came, in ms of the steady clock. */
  readonly sinceMs: number;
  /** True if the file that holds it is to be sealed after it. */
  sealAfter: boolean;
}

/** Collects the writes of a partition into frames, in the order of their calls. */
export class FrameQueue {
  readonly #pool: BufferPool;
  readonly #clock: Clock;
  readonly #bytesMax: number;
  readonly #frames: Frame[] = [];
  /** The size that the next frame will probably need. */
  #lastFrameBytes = frameBytesAtFirst;

  constructor(pool: BufferPool, clock: Clock, segmentBytesMax: number) {
    this.#clock = clock;
    this.#pool = pool;
    this.#bytesMax = Math.min(frameBytesMax, segmentBytesMax / framesPerSegmentMin);
  }

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  /** Copies the lines, unless they are owned and large; resolves with their file once their frame is durable. */
  add({ bytes, lines, summary, isOwned, policy }: SegmentLines): Promise<SpoolFile> {
    return new Promise((resolve, reject) => {
      const isLarge = isOwned === true && bytes.byteLength > frameBytesMax;
      const frame = isLarge ? this.#push(new OwnedFrame(bytes, switchTo(policy))) : this.#frameWith(bytes, policy);
      if (policy !== undefined) notePolicy(frame, policy);
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
    if (frame?.buffer instanceof FrameBuffer) {
      this.#lastFrameBytes = Math.max(frameBytesAtFirst, frame.buffer.bytes);
    }
    return frame;
  }

  /** The oldest frame, if it has hardly any room left. */
  get full(): Frame | undefined {
    const [oldest, next] = this.#frames;
    if (oldest === undefined) return undefined;
    return next !== undefined || oldest.buffer.bytes >= this.#bytesMax * fullFrom ? oldest : undefined;
  }

  get newest(): Frame | undefined {
    return this.#frames.at(-1);
  }

  /** Returns a frame that holds a copy of the lines. A frame begins with a switch to its policy: it may become the first of a file. */
  #frameWith(lines: Uint8Array, policy: string | undefined): Frame {
    const { newest } = this;
    const toPolicy = newest?.lastPolicy === policy ? nothing : switchTo(policy);
    const bytes = toPolicy.byteLength + lines.byteLength;
    if (newest?.buffer instanceof FrameBuffer && newest.buffer.bytes + bytes <= this.#bytesMax) {
      if (toPolicy !== nothing) newest.buffer.append(toPolicy);
      newest.buffer.append(lines);
      return newest;
    }
    const first = switchTo(policy);
    const buffer = new FrameBuffer(this.#pool, Math.max(first.byteLength + lines.byteLength, this.#lastFrameBytes));
    if (first !== nothing) buffer.append(first);
    buffer.append(lines);
    return this.#push(buffer);
  }

  #push(buffer: FrameLines): Frame {
    const frame: Frame = {
      buffer,
      commits: [],
      policies: undefined,
      lastPolicy: undefined,
      settled: [],
      sinceMs: this.#clock.now(),
      sealAfter: false,
    };
    this.#frames.push(frame);
    return frame;
  }
}

function notePolicy(frame: Frame, policy: string): void {
  frame.policies ??= new Set();
  frame.policies.add(policy);
  frame.lastPolicy = policy;
}

const nothing = new Uint8Array(0);

function switchTo(policy: string | undefined): Uint8Array {
  return policy === undefined ? nothing : Buffer.from(formatPolicySwitch(policy));
}
