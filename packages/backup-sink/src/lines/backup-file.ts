import { pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import {
  encodeFile,
  encodeSummedUpFile,
  type FileHeader,
  importerObstacles,
  type LineFacts,
  LineSummary,
  nameObstacle,
} from '@ceres/lineproto';
import { formatQuarantineHeader } from '../spool/segment/header';
import type { SegmentContent } from '../spool/segment/read-segment';

/**
 * Makes the gzip file of a segment, as described in docs/file-format.md. Its summary stands in the header, before the lines: where they
 * were not summed up when they were written, it takes a pass of its own. Compression runs on libuv's threads.
 */
export async function* encodeBackupFile(
  segment: SegmentContent,
  facts: LineFacts | undefined,
  level: number,
): AsyncGenerator<Uint8Array> {
  const header = (notImportable: readonly string[]) => ({
    ...segment.header,
    notImportable: [...nameObstacles(segment.header), ...notImportable],
  });
  const known = facts && summaryOf(facts);
  if (known !== undefined) {
    const summedUp = { ...header(known.notImportable), summary: known.summary };
    return yield* encodeSummedUpFile(summedUp, segment.lines(), { level });
  }
  const lines = new LineSummary();
  for await (const block of segment.lines()) lines.add(block);
  const { summary, notImportable } = lines.finish();
  yield* encodeFile({ ...header(notImportable), ...(summary && { summary }) }, segment.lines(), { level });
}

/** `undefined` if the facts are not enough. */
function summaryOf(facts: LineFacts) {
  const { lines, bytes, firstTimestamp, lastTimestamp } = facts;
  const notImportable = importerObstacles(facts);
  if (notImportable === undefined || firstTimestamp === undefined || lastTimestamp === undefined) return undefined;
  return { summary: { lines, bytes, firstTimestamp, lastTimestamp }, notImportable };
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
