import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type FileHeader, formatHeader, type PolicySchema, type Precision, readHeader } from '@ceres/lineproto';
import type { ResolvedOptions } from '../../options/sink-options';
import type { Reporter } from '../../report/reporter';
import type { SpoolPartition } from '../layout';

/** What a segment's header says in addition to its partition. */
export interface SegmentOrigin {
  readonly precision: Precision;
  /** A random id of this run of the sink. */
  readonly writer: string;
  readonly sequence: bigint;
  readonly policy: PolicySchema | undefined;
}

/** Formats the header of an open segment: that of the backup file, without what is known only in the end. */
export function formatSegmentHeader(partition: SpoolPartition, { policy, ...origin }: SegmentOrigin): string {
  const { database, retentionPolicy, instance } = partition;
  return formatHeader({ database, retentionPolicy, instance, formatVersion: 1, ...origin, ...(policy && { policy }) });
}

export function parseSegmentHeader(text: string): FileHeader {
  return readHeader(gzipSync(text));
}

/** Formats the header of a partition's next segment. */
export type SegmentHeaders = (partition: SpoolPartition, sequence: bigint) => string;

/**
 * Returns the headers of this run's segments. A file without its policy is better than none: where `policies` throws or gives
 * something wrong, this is reported, and the policy left out.
 */
export function segmentHeaders(
  { precision, policies }: Pick<ResolvedOptions, 'precision' | 'policies'>,
  reporter: Reporter,
): SegmentHeaders {
  const writer = randomUUID();
  return (partition, sequence) => {
    const origin = { precision, writer, sequence };
    const { instance, database, retentionPolicy } = partition;
    try {
      const policy = policies({ instance, database, retentionPolicy });
      return formatSegmentHeader(partition, { ...origin, policy });
    } catch (error) {
      reporter.failed(error, partition.directory);
      return formatSegmentHeader(partition, { ...origin, policy: undefined });
    }
  };
}
