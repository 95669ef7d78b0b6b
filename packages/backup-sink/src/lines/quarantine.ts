import { formatQuarantineHeader, formatReject, gzip } from '@ceres/lineproto/internal';
import type { SegmentContent } from '../spool/segment/read-segment';
import type { Reject } from './checked-lines';

/** Formats refused records as the quarantine file holds them. */
export function formatRejects(rejects: readonly Reject[]): Uint8Array {
  return Buffer.concat(rejects.map(({ bytes, error }) => formatReject(error.code, bytes)));
}

/** Makes the gzip file of refused records, which are no lines: they stand as they are behind a header of their own. */
export function encodeQuarantineFile({ header, lines }: SegmentContent, level: number): AsyncGenerator<Uint8Array> {
  return gzip(prepended(formatQuarantineHeader(header), lines()), level);
}

async function* prepended(header: string, blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield Buffer.from(header);
  yield* blocks;
}
