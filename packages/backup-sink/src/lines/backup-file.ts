import { pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { encodeFile, LineSummary, nameObstacle } from '@ceres/lineproto';
import { formatQuarantineHeader } from '../spool/header';
import type { VerifiedSegment } from '../spool/read-segment';

/**
 * Makes the gzip file of a segment, in two passes: the summary stands in the header, before the lines. Compression runs
 * on libuv's threads, fed with whole frames.
 */
interface SegmentEncoder {
  /** The first pass. */
  observe(lines: Uint8Array): void;
  /** The second. */
  encode(segment: VerifiedSegment, level: number): AsyncIterable<Uint8Array>;
}

/** For `.gz` files as described in docs/file-format.md. */
export class BackupFileEncoder implements SegmentEncoder {
  readonly #summary = new LineSummary();

  observe(lines: Uint8Array): void {
    this.#summary.add(lines);
  }

  encode({ header, lines }: VerifiedSegment, level: number): AsyncIterable<Uint8Array> {
    const { summary, notImportable } = this.#summary.finish();
    const names = [nameObstacle(header.database), nameObstacle(header.retentionPolicy)];
    const obstacles = [...names.filter((name) => name !== undefined), ...notImportable];
    return encodeFile({ ...header, ...(summary && { summary }), notImportable: obstacles }, lines(), { level });
  }
}

/** For refused records, which are no lines: as they are, behind a header of their own. */
export class QuarantineFileEncoder implements SegmentEncoder {
  observe(): void {}

  async *encode({ header, lines }: VerifiedSegment, level: number): AsyncGenerator<Uint8Array> {
    const stream = createGzip({ level });
    pipeline(prepended(formatQuarantineHeader(header), lines()), stream, () => undefined); // a failure destroys the stream
    yield* stream;
  }
}

async function* prepended(header: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(header);
  yield* chunks;
}
