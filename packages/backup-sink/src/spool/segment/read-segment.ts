import type { FileHeader } from '@ceres/lineproto';
import { joinedCrc, type SummarizedLines } from '@ceres/lineproto/internal';
import type { FileHandle, FileSystem } from '@ceres/storage';
import { type FrameLabel, frameLabelBytesMax, frameLabelStart, parseFrameLabel, runningCrc } from './frame';
import { parseSegmentHeader } from './header';

/** The part of a segment file that may be read: up to its size, or to what is known to be committed. */
export interface SegmentSource {
  readonly handle: FileHandle;
  readonly end: number;
}

/** Everything before the first frame. */
export interface SegmentHeader {
  readonly text: string;
  readonly end: number;
  readonly crc: number;
}

/** A stretch of lines, without the labels of their frames. */
interface LineBlock {
  /** May begin and end inside a line; the block after the next overwrites it. */
  readonly bytes: Uint8Array;
  /** The end of the last whole frame that has been verified so far: lines behind it are not certain yet. */
  readonly verifiedEnd: number;
  /** The CRC that the label of the last frame gives for the header and all lines up to the end of that frame. */
  readonly labelCrc: number;
}

const headerBytesMax = 64 * 1024;

/** Reads what stands before the first frame; `undefined` if the file has no frame, so that nothing in it was ever acked. */
export async function readSegmentHeader({ handle, end }: SegmentSource): Promise<SegmentHeader | undefined> {
  const bytes = await readUpTo(handle, 0, Math.min(headerBytesMax, end));
  const lf = bytes.indexOf(`\n${frameLabelStart}`);
  if (lf < 0) return undefined;
  const header = bytes.subarray(0, lf + 1);
  return { text: header.toString('utf8'), end: header.byteLength, crc: runningCrc(header) };
}

/** Large enough for zlib and the disk; a whole block is scanned in one turn of the event loop. */
const blockBytes = 1024 * 1024;

/** Says whether each frame is verified, or its lines are only taken from between the labels, for a reader that verifies all at once. */
type Verify = 'each frame' | 'nothing';

/**
 * Reads the lines of the longest run of whole, verified frames, and after them perhaps some of a frame that does not verify: `verifiedEnd`
 * of the last block says where. Ends before the first frame that does not verify, or at the source's end.
 */
async function* readLines(
  { handle, end }: SegmentSource,
  header: SegmentHeader,
  verify: Verify,
): AsyncGenerator<LineBlock> {
  const bufferBytes = Math.min(blockBytes, end);
  let buffer = Buffer.allocUnsafeSlow(bufferBytes);
  let given = Buffer.allocUnsafeSlow(bufferBytes);
  let { crc, end: readTo } = header;
  let verifiedEnd = header.end;
  let label: FrameLabel | undefined;
  /** The bytes of the current frame that are still to come. */
  let missing = 0;
  /** The number of bytes of a label that the block before ended in. */
  let kept = 0;
  for (let isSound = true; isSound && readTo < end; ) {
    const wanted = Math.min(bufferBytes - kept, end - readTo);
    const { bytesRead } = await handle.read(buffer, kept, wanted, readTo);
    if (bytesRead === 0) return;
    readTo += bytesRead;
    const filled = kept + bytesRead;
    let from = 0;
    let taken = 0;
    while (isSound && from < filled) {
      if (missing === 0) {
        label = parseFrameLabel(buffer.subarray(from, Math.min(from + frameLabelBytesMax, filled)));
        if (label === undefined) {
          isSound = filled - from < frameLabelBytesMax && readTo < end;
          break;
        }
        from += label.labelBytes;
        missing = label.bytes;
      }
      const to = Math.min(filled, from + missing);
      if (verify === 'each frame') crc = runningCrc(buffer.subarray(from, to), crc);
      buffer.copyWithin(taken, from, to);
      taken += to - from;
      missing -= to - from;
      from = to;
      if (missing > 0) break;
      isSound = verify === 'nothing' || crc === label?.crc;
      if (isSound) verifiedEnd = readTo - (filled - from);
    }
    kept = filled - from;
    if (taken === 0) {
      buffer.copyWithin(0, from, filled);
      continue;
    }
    yield { bytes: buffer.subarray(0, taken), verifiedEnd, labelCrc: label?.crc ?? header.crc };
    buffer.copy(given, 0, from, filled); // the block before is not needed any more
    [buffer, given] = [given, buffer];
  }
}

/** Returns the end of the last whole, verified frame; that of the header if there is none. */
export async function verifiedEndOf(source: SegmentSource, header: SegmentHeader): Promise<number> {
  let end = header.end;
  for await (const { verifiedEnd } of readLines(source, header, 'each frame')) end = verifiedEnd;
  return end;
}

/** A frame of a segment did not verify while it was read. */
export class SegmentDamage extends Error {}

/** The part of a segment that is compressed. */
export interface SegmentContent {
  readonly header: FileHeader;
  /**
   * Reads the lines in blocks that may begin and end inside a line; the block after the next overwrites each. May be called several times.
   *
   * @throws SegmentDamage at the end, if a frame did not verify
   */
  lines(): AsyncIterable<Uint8Array>;
  /**
   * Reads the lines as `lines` does, and leaves it to the reader to compare their CRC at the end.
   *
   * @throws SegmentDamage at the end, if the frames are not whole
   */
  unverifiedLines(): SummarizedLines;
}

/** A sealed segment, open to be read. */
export interface OpenSegment {
  /** Returns the end of the last whole, verified frame, behind which the disk did not keep what was written; `undefined` if not even the first frame verifies. */
  verifiedEnd(): Promise<number | undefined>;
  upTo(end: number): SegmentContent;
}

/** Opens a sealed segment for `work`, which gets `undefined` for a file without any frame. */
export async function withSegment<T>(
  fs: FileSystem,
  path: string,
  sizeBytes: number,
  work: (segment: OpenSegment | undefined) => Promise<T>,
): Promise<T> {
  const handle = await fs.open(path, 'r');
  try {
    const header = await readSegmentHeader({ handle, end: sizeBytes });
    if (header === undefined) return await work(undefined);
    return await work({
      verifiedEnd: async () => {
        const end = await verifiedEndOf({ handle, end: sizeBytes }, header);
        return end === header.end ? undefined : end;
      },
      upTo: (end) => ({
        header: parseSegmentHeader(header.text),
        lines: () => verifiedLines({ handle, end }, header),
        unverifiedLines: () => unverifiedLines({ handle, end }, header),
      }),
    });
  } finally {
    await handle.close();
  }
}

async function* verifiedLines(source: SegmentSource, header: SegmentHeader): AsyncGenerator<Uint8Array> {
  let end = header.end;
  for await (const { bytes, verifiedEnd } of readLines(source, header, 'each frame')) {
    yield bytes;
    end = verifiedEnd;
  }
  if (end !== source.end) throw damageAt(end);
}

function unverifiedLines(source: SegmentSource, header: SegmentHeader): SummarizedLines {
  let crc = header.crc;
  let lineBytes = 0;
  async function* chunks() {
    let end = header.end;
    for await (const { bytes, verifiedEnd, labelCrc } of readLines(source, header, 'nothing')) {
      yield bytes;
      lineBytes += bytes.byteLength;
      crc = labelCrc;
      end = verifiedEnd;
    }
    if (end !== source.end) throw damageAt(end);
  }
  return { chunks: chunks(), crc: () => joinedCrc(header.crc, crc, lineBytes) };
}

function damageAt(end: number): SegmentDamage {
  return new SegmentDamage(`A frame at byte ${end} does not verify.`);
}

/** Reads `sizeBytes` at `position`; fewer only at the end of the file. */
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
