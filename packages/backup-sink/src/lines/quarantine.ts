import { type FileHeader, formatHeader } from '@ceres/lineproto';
import { gzip, withHeaderCrc } from '@ceres/lineproto/internal';
import type { SegmentContent } from '../spool/segment/read-segment';
import type { Reject } from './checked-lines';

const newline = Buffer.from('\n');

/** Formats refused records as the quarantine file holds them: a comment with the reason and the length, then the raw bytes. */
export function formatRejects(rejects: readonly Reject[]): Uint8Array {
  return Buffer.concat(
    rejects.flatMap(({ bytes, error }) => [
      Buffer.from(`# CERES-REASON: code=${error.code} bytes=${bytes.byteLength}\n`),
      bytes,
      newline,
    ]),
  );
}

/** Makes the gzip file of refused records, which are no lines: they stand as they are behind a header of their own. */
export function encodeQuarantineFile({ header, lines }: SegmentContent, level: number): AsyncGenerator<Uint8Array> {
  return gzip(prepended(formatQuarantineHeader(header), lines()), level);
}

async function* prepended(header: string, blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(header);
  yield* blocks;
}

/**
 * Formats the header of a quarantine file. It names its database only in comments of ours: if an operator imports it anyway,
 * InfluxDB's tool stores nothing, rather than the half of a refused line that happens to parse.
 */
function formatQuarantineHeader(header: FileHeader): string {
  const named = formatHeader({ ...header, notImportable: ['records that were refused, each behind its reason'] });
  const names = [
    `# CERES-DATABASE: ${encodeURIComponent(header.database)}`,
    `# CERES-RETENTION-POLICY: ${encodeURIComponent(header.retentionPolicy)}`,
  ];
  const lines = named.split('\n').filter((line) => !/^# (CONTEXT|CERES-DATABASE|CERES-RETENTION-POLICY)/.test(line));
  return withHeaderCrc(['# DML', ...names, ...lines.slice(1)].join('\n'));
}
