import type { FileHeader } from '@ceres/lineproto';
import type { FileHandle, FileSystem } from '@ceres/storage';
import { frameLabelBytesMax, frameLabelStart, parseFrameLabel, runningCrc } from './frame';
import { parseSegmentHeader } from './header';

/** The part of a segment file that may be read: up to its size, or to what is known to be committed. */
export interface SegmentSource {
  readonly handle: FileHandle;
  readonly end: number;
}

/** All before the first frame. */
export interface SegmentHeader {
  readonly text: string;
  readonly end: number;
  readonly crc: number;
}

/** One verified frame: its lines, and where the next frame begins. */
export interface ReadFrame {
  readonly lines: Uint8Array;
  readonly end: number;
}

const headerBytesMax = 64 * 1024;

/** `undefined` if the file has no frame: nothing in it was ever acked. */
export async function readSegmentHeader({ handle, end }: SegmentSource): Promise<SegmentHeader | undefined> {
  const bytes = await readUpTo(handle, 0, Math.min(headerBytesMax, end));
  const lf = bytes.indexOf(`\n${frameLabelStart}`);
  if (lf < 0) return undefined;
  const header = bytes.subarray(0, lf + 1);
  return { text: header.toString('utf8'), end: header.byteLength, crc: runningCrc(header) };
}

/** The longest run of whole, verified frames: ends before the first that is not, or at the source's end. */
export async function* readFrames({ handle, end }: SegmentSource, header: SegmentHeader): AsyncGenerator<ReadFrame> {
  let { crc, end: at } = header;
  while (at < end) {
    const label = parseFrameLabel(await readUpTo(handle, at, Math.min(frameLabelBytesMax, end - at)));
    if (label === undefined) return;
    const start = at + label.labelBytes;
    if (start + label.bytes > end) return; // also keeps a damaged length from being allocated
    const lines = await readUpTo(handle, start, label.bytes);
    crc = runningCrc(lines, crc);
    if (lines.byteLength < label.bytes || crc !== label.crc) return;
    at = start + label.bytes;
    yield { lines, end: at };
  }
}

/** A segment that was verified from end to end, open to be read again. */
export interface VerifiedSegment {
  readonly header: FileHeader;
  /** Of the last whole frame; what follows is not what was written there. */
  readonly end: number;
  /** The lines, in pieces of whole records. */
  lines(): AsyncIterable<Uint8Array>;
}

/**
 * Verifies a sealed segment, showing its lines to `observe`, then gives it to `work`; gives `undefined` if not even its
 * first frame is whole.
 */
export async function withSegment<T>(
  fs: FileSystem,
  path: string,
  sizeBytes: number,
  observe: (lines: Uint8Array) => void,
  work: (segment: VerifiedSegment | undefined) => Promise<T>,
): Promise<T> {
  const handle = await fs.open(path, 'r');
  try {
    const header = await readSegmentHeader({ handle, end: sizeBytes });
    if (header === undefined) return await work(undefined);
    let { end } = header;
    for await (const frame of readFrames({ handle, end: sizeBytes }, header)) {
      observe(frame.lines);
      end = frame.end;
    }
    if (end === header.end) return await work(undefined);
    const lines = () => linesOf(readFrames({ handle, end }, header));
    return await work({ header: parseSegmentHeader(header.text), end, lines });
  } finally {
    await handle.close();
  }
}

async function* linesOf(frames: AsyncIterable<ReadFrame>): AsyncGenerator<Uint8Array> {
  for await (const { lines } of frames) yield lines;
}

/** Fewer bytes only at the end of the file. */
export async function readUpTo(handle: FileHandle, position: number, sizeBytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const { bytesRead } = await handle.read(buffer, filled, sizeBytes - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
