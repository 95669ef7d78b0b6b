import { asBuffer, LF } from '../../bytes';
import { LineProtocolError } from '../../errors';
import { type EncodeFileOptions, resolveEncodeFileOptions } from '../../options';
import { LineSplitter } from '../../scan/line-splitter';
import { recordBounds } from '../../scan/scan-lines';
import type { FileHeader, FileSummary } from '../header/file-header';
import { formatHeader } from '../header/format-header';
import { isPolicySwitch } from '../header/policy-switch';
import { LineDigest } from '../line-digest';
import { gzip } from './gzip';

/** The size of writes to zlib, which is slow on small ones: 5 MB/s at 200 bytes, 206 at 1 MiB. */
const WRITE_BYTES = 1024 * 1024;

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

/**
 * Writes a backup file as {@link encodeFile} does, from lines that were validated and summed up before: they go into the gzip as they
 * are, without being cut into records again. Chunks may be cut anywhere. The caller may reuse the memory of a chunk once the chunk
 * after the next is asked for.
 *
 * @throws LineProtocolError as {@link encodeFile}; `INVALID_VALUE` if there are more or fewer bytes than the summary says
 */
export async function* encodeSummarizedFile(
  header: FileHeader & { readonly summary: FileSummary },
  lines: AsyncIterable<Uint8Array>,
  options: EncodeFileOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* gzip(annotateSummarized(header, lines), resolveEncodeFileOptions(options).level);
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
      digest.add(bytes, records);
      yield bytes;
      if (mark === undefined) continue;
      digest.addSwitch(mark);
      yield Buffer.from(`${mark}\n`);
    }
  }
  for (const batch of splitter.end()) {
    const bytes = withFinalLf(batch.bytes);
    digest.add(bytes, batch.lines);
    yield bytes;
  }
  checkSummary(header, digest);
  yield Buffer.from(`${digest.footer()}\n`);
}

async function* annotateSummarized(
  header: FileHeader & { readonly summary: FileSummary },
  lines: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(formatHeader(header));
  const digest = new LineDigest(header.summary.lines);
  for await (const chunk of lines) {
    digest.add(chunk);
    yield chunk;
  }
  checkSummary(header, digest);
  yield Buffer.from(`${digest.footer()}\n`);
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

function checkSummary({ summary }: FileHeader, { lines, bytes }: LineDigest): void {
  if (summary === undefined || (summary.lines === lines && summary.bytes === bytes)) return;
  throw new LineProtocolError(
    'INVALID_VALUE',
    `the summary says ${summary.lines} lines of ${summary.bytes} bytes, but there are ${lines} lines of ${bytes} bytes`,
  );
}
