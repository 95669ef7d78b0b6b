import { encodeFile, type FileHeader, LineSummarizer, type LineSummary, nameObstacle } from '@ceres/lineproto';
import { encodeSummarizedFile, headerFieldsOf } from '@ceres/lineproto/internal';
import type { SegmentContent } from '../spool/segment/read-segment';

/**
 * Makes the gzip file of a segment, as described in docs/file-format.md. The header contains the summary of the lines, which
 * stand behind it: where they were not summed up when they were written, that takes another pass. Compression runs on libuv's threads.
 */
export async function* encodeBackupFile(
  segment: SegmentContent,
  summary: LineSummary | undefined,
  level: number,
): AsyncGenerator<Uint8Array> {
  const header = (notImportable: readonly string[]) => ({
    ...segment.header,
    notImportable: [...nameObstacles(segment.header), ...notImportable],
  });
  const known = summary && headerFieldsOf(summary);
  if (known !== undefined) {
    const summedUp = { ...header(known.notImportable), summary: known.summary };
    return yield* encodeSummarizedFile(summedUp, segment.unverifiedLines(), { level });
  }
  const lines = new LineSummarizer();
  for await (const block of segment.lines()) lines.add(block);
  const found = lines.finish();
  yield* encodeFile(
    { ...header(found.notImportable), ...(found.summary && { summary: found.summary }) },
    segment.lines(),
    { level },
  );
}

function nameObstacles({ database, retentionPolicy }: FileHeader): string[] {
  return [nameObstacle(database), nameObstacle(retentionPolicy)].filter((obstacle) => obstacle !== undefined);
}
