import { crc32 } from 'node:zlib';
import { inSlices } from '../../scheduling/turns';
import type { BufferPool } from './buffer-pool';

/**
 * A frame is what one fsync makes durable: the lines of one or more writes behind a comment line,
 *
 *     # CERES-BATCH: bytes=<of the lines> crc32=<8 hex digits>
 *
 * The CRC continues from the file's header over all frames so far, so it also certifies everything before it: neither a
 * stale frame of a reused disk block nor a missing one in the middle can pass.
 */
export const frameLabelStart = '# CERES-BATCH: ';
export const frameLabelBytesMax = 64;
const labelPattern = /^# CERES-BATCH: bytes=([1-9]\d{0,9}) crc32=([0-9a-f]{8})\n/;

/** The contents of a frame's label. */
export interface FrameLabel {
  readonly labelBytes: number;
  readonly bytes: number;
  readonly crc: number;
}

/** Reads the label from the first bytes of a frame; `undefined` if they are no label. */
export function parseFrameLabel(head: Buffer): FrameLabel | undefined {
  const [label, bytes, crc = ''] = labelPattern.exec(head.toString('latin1', 0, frameLabelBytesMax)) ?? [];
  if (label === undefined) return undefined;
  return { labelBytes: label.length, bytes: Number(bytes), crc: Number.parseInt(crc, 16) };
}

/** Returns the CRC of everything up to and including `bytes`. */
export function runningCrc(bytes: Uint8Array, crcBefore = 0): number {
  return crc32(bytes, crcBefore);
}

/** A frame as it goes to the disk, and the CRC that the next one continues from. */
export interface FinishedFrame {
  readonly parts: readonly Uint8Array[];
  readonly crc: number;
}

/** The lines of a frame before they are on the disk. */
export interface FrameLines {
  /** The size of the lines alone, without the label. */
  readonly bytes: number;
  finish(crcBefore: number): FinishedFrame | Promise<FinishedFrame>;
  /** Gives the memory back. Call it once the frame is on the disk or failed, and do not use the frame after that. */
  release(): void;
}

/** Collects the lines of writes, which are copied once, here. */
export class FrameBuffer implements FrameLines {
  readonly #pool: BufferPool;
  #buffer: Buffer;
  #end = frameLabelBytesMax;

  constructor(pool: BufferPool, sizeBytes: number) {
    this.#pool = pool;
    this.#buffer = pool.take(frameLabelBytesMax + sizeBytes);
  }

  get bytes(): number {
    return this.#end - frameLabelBytesMax;
  }

  append(lines: Uint8Array): void {
    const end = this.#end + lines.byteLength;
    if (end > this.#buffer.byteLength) {
      const larger = this.#pool.take(Math.max(end, 2 * this.#buffer.byteLength));
      this.#buffer.copy(larger, 0, 0, this.#end);
      this.#pool.giveBack(this.#buffer);
      this.#buffer = larger;
    }
    this.#buffer.set(lines, this.#end);
    this.#end = end;
  }

  finish(crcBefore: number): FinishedFrame {
    const lines = this.#buffer.subarray(frameLabelBytesMax, this.#end);
    const crc = runningCrc(lines, crcBefore);
    const label = formatLabel(lines.byteLength, crc);
    const start = frameLabelBytesMax - label.length;
    this.#buffer.write(label, start, 'latin1');
    return { parts: [this.#buffer.subarray(start, this.#end)], crc };
  }

  release(): void {
    this.#pool.giveBack(this.#buffer);
  }
}

/** The CRC of this many bytes takes about a millisecond. */
const crcBytes = 1024 * 1024;

/** The lines of one large write, which are not copied. */
export class OwnedFrame implements FrameLines {
  readonly bytes: number;
  /** A switch to the policy of the lines; empty in a partition of one policy. */
  #before: Uint8Array;
  #lines: Uint8Array;

  constructor(lines: Uint8Array, before: Uint8Array) {
    this.#before = before;
    this.#lines = lines;
    this.bytes = before.byteLength + lines.byteLength;
  }

  /** Computes the CRC in slices: that of 100 MB would keep the event loop from everything else. */
  finish(crcBefore: number): Promise<FinishedFrame> {
    return inSlices(this.#finishInSteps(crcBefore));
  }

  release(): void {
    this.#lines = new Uint8Array(0);
  }

  *#finishInSteps(crcBefore: number): Generator<void, FinishedFrame, undefined> {
    const lines = this.#lines;
    const before = this.#before;
    let crc = runningCrc(before, crcBefore);
    for (let at = 0; at < lines.byteLength; at += crcBytes) {
      crc = runningCrc(lines.subarray(at, at + crcBytes), crc);
      yield;
    }
    const label = Buffer.from(formatLabel(before.byteLength + lines.byteLength, crc), 'latin1');
    return { parts: [Buffer.concat([label, before]), lines], crc };
  }
}

function formatLabel(bytes: number, crc: number): string {
  return `${frameLabelStart}bytes=${bytes} crc32=${crc.toString(16).padStart(8, '0')}\n`;
}
