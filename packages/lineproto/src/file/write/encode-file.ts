import { crc32 } from 'node:zlib';
import { asBuffer, LF } from '../../bytes';
import { LineProtocolError } from '../../errors';
import { type EncodeFileOptions, resolveEncodeFileOptions } from '../../options';
import { LineSplitter } from '../../scan/line-splitter';
import { recordBounds } from '../../scan/scan-lines';
import type { FileHeader, FileSummary } from '../header/file-header';
import { formatHeader } from '../header/format-header';
import { isPolicySwitch } from '../header/policy-switch';
import { joinedCrc } from '../joined-crc';
import { LineDigest } from '../line-digest';
import { checkSummary } from './check-summary';
import { GzipTrailer, gzip } from './gzip';

/** The size of writes to zlib, which is slow on small ones: 5 MB/s at 200 bytes, 206 at 1 MiB. */
const WRITE_BYTES = 1024 * 1024;
/** A batch may be larger by one record. */
const PIECE_BYTES = 4 * WRITE_BYTES;

/**
 * Writes a backup file: gzip of header, lines and footer. Chunks of lines may be cut anywhere.
 *
 * The footer is `# CERES-END: lines=… bytes=… sha256=…`: the number of records, their bytes with LFs, and the SHA-256 of these
 * bytes. Blank lines and comments are neither written nor counted, and a last record without LF gets one. Under a header with `mixed`
 * policies, comments that switch to another policy are written, and the SHA-256 covers them.
 *
 * @throws LineProtocolError `INVALID_NAME` or `INVALID_VALUE` for a header that cannot be written or a summary that the lines do not
 * match, `SYNTAX` for a record that never ends, `INVALID_OPTIONS`; also what `lines` throws
 */
export async function* encodeFile(
  header: FileHeader,
  lines: AsyncIterable<Uint8Array>,
  options: EncodeFileOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* gzip(annotate(header, lines), resolveEncodeFileOptions(options).level);
}

/** Lines that were validated and summed up before. */
export interface SummarizedLines {
  /** Chunks that may be cut anywhere. The memory of a chunk may be reused once the chunk after the next is asked for. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Returns the CRC-32 that the lines must have. Called after the last chunk. */
  crc(): number;
}

/**
 * Writes a backup file as {@link encodeFile} does, from lines that were validated and summed up before: they go into the gzip as they
 * are, without being cut into records again. Their CRC is not computed: it follows from that of the gzip, which zlib computes anyway.
 *
 * @throws LineProtocolError as {@link encodeFile}; `INVALID_VALUE` at the end, if the lines have another CRC, or if there are more or fewer
 * bytes than the summary says; what `lines` throws
 */
export async function* encodeSummarizedFile(
  header: FileHeader & { readonly summary: FileSummary },
  lines: SummarizedLines,
  options: EncodeFileOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const text = new SummarizedText(header, lines);
  const trailer = new GzipTrailer();
  for await (const chunk of gzip(text.chunks(), resolveEncodeFileOptions(options).level)) {
    trailer.add(chunk);
    yield chunk;
  }
  if (trailer.crc !== text.crc)
    throw new LineProtocolError('INVALID_VALUE', 'the lines have another CRC-32 than before');
}

/** Yields the text of a file, in large pieces. */
async function* annotate(header: FileHeader, lines: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(formatHeader(header));
  const isMark = (comment: Buffer) => isPolicySwitch(comment.toString('utf8'));
  const limits = { bytesMax: WRITE_BYTES, linesMax: Number.MAX_SAFE_INTEGER };
  const splitter = new LineSplitter(limits, header.mixed === undefined ? {} : { isMark });
  const digest = new LineDigest();
  for await (const chunk of lines) {
    for (const { bytes, lines: records, mark } of splitter.push(chunk)) {
      yield* inPieces(bytes, records, digest);
      if (mark === undefined) continue;
      digest.addSwitch(mark);
      yield Buffer.from(`${mark}\n`);
    }
  }
  for (const batch of splitter.end()) {
    const bytes = withFinalLf(batch.bytes);
    yield* inPieces(bytes, batch.lines, digest);
  }
  checkSummary(header, digest);
  yield Buffer.from(`${digest.footer()}\n`);
}

/** Yields a batch, which is hashed as it goes: a record of 20 MB in one piece would keep the event loop. */
function* inPieces(bytes: Uint8Array, lines: number, digest: LineDigest): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    const piece = bytes.subarray(from, from + PIECE_BYTES);
    digest.add(piece, from === 0 ? lines : 0);
    yield piece;
  }
}

/** The text of a file whose lines are summed up. */
class SummarizedText {
  readonly #header: FileHeader & { readonly summary: FileSummary };
  readonly #lines: SummarizedLines;
  #crc = 0;

  constructor(header: FileHeader & { readonly summary: FileSummary }, lines: SummarizedLines) {
    this.#header = header;
    this.#lines = lines;
  }

  /** The CRC-32 that the whole text must have; known after its last chunk. */
  get crc(): number {
    return this.#crc;
  }

  async *chunks(): AsyncGenerator<Uint8Array> {
    const head = Buffer.from(formatHeader(this.#header));
    yield head;
    const digest = new LineDigest(this.#header.summary.lines);
    for await (const chunk of this.#lines.chunks) {
      digest.add(chunk);
      yield chunk;
    }
    checkSummary(this.#header, digest);
    const footer = Buffer.from(`${digest.footer()}\n`);
    this.#crc = crc32(footer, joinedCrc(crc32(head), this.#lines.crc(), digest.bytes));
    yield footer;
  }
}

/** Returns the bytes with a LF at their end. @throws LineProtocolError `SYNTAX` if a string in the last record was never closed */
function withFinalLf(bytes: Uint8Array): Uint8Array {
  if (endsRecord(bytes)) return bytes.at(-1) === LF ? bytes : Buffer.concat([bytes, Buffer.of(LF)]);
  throw new LineProtocolError('SYNTAX', 'the last record never ends: a string value in it has no closing quote');
}

function endsRecord(bytes: Uint8Array): boolean {
  for (const { isOpen } of recordBounds(asBuffer(bytes))) if (isOpen) return false;
  return true;
}
