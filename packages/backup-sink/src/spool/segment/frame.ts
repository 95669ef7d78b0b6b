import { crc32 } from 'node:zlib';
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

/** Collects the lines of writes, which are copied once, here. */
export class FrameBuffer {
  readonly #pool: BufferPool;
  #buffer: Buffer;
  #end = frameLabelBytesMax;

  constructor(pool: BufferPool, sizeBytes: number) {
    this.#pool = pool;
    this.#buffer = pool.take(frameLabelBytesMax + sizeBytes);
  }

  /** The size of the lines alone, without the label. */
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

  /** Returns the frame as it goes to the disk, and the CRC that the next one continues from. */
  finish(crcBefore: number): { readonly bytes: Uint8Array; readonly crc: number } {
    const lines = this.#buffer.subarray(frameLabelBytesMax, this.#end);
    const crc = runningCrc(lines, crcBefore);
    const label = `${frameLabelStart}bytes=${lines.byteLength} crc32=${crc.toString(16).padStart(8, '0')}\n`;
    const start = frameLabelBytesMax - label.length;
    this.#buffer.write(label, start, 'latin1');
    return { bytes: this.#buffer.subarray(start, this.#end), crc };
  }

  /** Gives the memory back. Call it once the frame is on the disk or failed, and do not use the frame after that. */
  release(): void {
    this.#pool.giveBack(this.#buffer);
  }
}
