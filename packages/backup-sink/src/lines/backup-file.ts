import { encodeFile, type FileHeader, LineSummarizer, type LineSummary, nameObstacle } from '@ceres/lineproto';
import { encodeSummarizedFile, headerFieldsOf, readMixedPolicies } from '@ceres/lineproto/internal';
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
  const mixed = segment.header.mixed && (await readMixedPolicies(segment.lines()));
  const origin = { ...segment.header, ...(mixed && { mixed }) };
  const header = (notImportable: readonly string[]) => ({
    ...origin,
    notImportable: [...nameObstacles(origin), ...notImportable],
  });
  const known = summary && headerFieldsOf(summary);
  if (known !== undefined && mixed === undefined) {
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

function nameObstacles({ database, retentionPolicy, mixed = [] }: FileHeader): string[] {
  const names = [database, retentionPolicy, ...mixed];
  return names.map((name) => nameObstacle(name)).filter((obstacle) => obstacle !== undefined);
}
