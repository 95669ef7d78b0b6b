import { pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { encodeFile, type FileHeader, LineSummarizer, type LineSummary, nameObstacle } from '@ceres/lineproto';
import { encodeSummarizedFile, headerFieldsOf } from '@ceres/lineproto/internal';
import { formatQuarantineHeader } from '../spool/segment/header';
import type { SegmentContent } from '../spool/segment/read-segment';

/**
 * Makes the gzip file of a segment, as described in docs/file-format.md. Its summary stands in the header, before the lines: where they
 * were not summed up when they were written, it takes a pass of its own. Compression runs on libuv's threads.
 */
export async function* encodeBackupFile(
  segment: SegmentContent,
  facts: LineSummary | undefined,
  level: number,
): AsyncGenerator<Uint8Array> {
  const header = (notImportable: readonly string[]) => ({
    ...segment.header,
    notImportable: [...nameObstacles(segment.header), ...notImportable],
  });
  const known = facts && headerFieldsOf(facts);
  if (known !== undefined) {
    const summedUp = { ...header(known.notImportable), summary: known.summary };
    return yield* encodeSummarizedFile(summedUp, segment.lines(), { level });
  }
  const lines = new LineSummarizer();
  for await (const block of segment.lines()) lines.add(block);
  const { summary, notImportable } = lines.finish();
  yield* encodeFile({ ...header(notImportable), ...(summary && { summary }) }, segment.lines(), { level });
}

function nameObstacles({ database, retentionPolicy }: FileHeader): string[] {
  return [nameObstacle(database), nameObstacle(retentionPolicy)].filter((obstacle) => obstacle !== undefined);
}

/** Refused records, which are no lines: as they are, behind a header of their own. */
export async function* encodeQuarantineFile(
  { header, lines }: SegmentContent,
  level: number,
): AsyncGenerator<Uint8Array> {
  const stream = createGzip({ level });
  pipeline(prepended(formatQuarantineHeader(header), lines()), stream, () => undefined); // a failure destroys the stream
  yield* stream;
}

async function* prepended(header: string, blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(header);
  for await (const block of blocks) yield Buffer.from(block); // a copy: the stream keeps it for longer
}
