import { gzipSync } from 'node:zlib';
import { type FileHeader, formatHeader, type PolicySchema, type Precision, readHeader } from '@ceres/lineproto';
import type { ResolvedOptions } from '../../options/sink-options';
import type { Reporter } from '../../report/reporter';
import type { SpoolPartition } from '../layout';

/** What a segment's header says in addition to its partition. */
export interface SegmentOrigin {
  readonly precision: Precision;
  /** The random id of a run of the sink. */
  readonly writer: string;
  readonly sequence: bigint;
  readonly policy: PolicySchema | undefined;
}

/** Formats the header of an open segment: that of the backup file, without what is known only in the end. */
export function formatSegmentHeader(partition: SpoolPartition, { policy, ...origin }: SegmentOrigin): string {
  const { database, retentionPolicy, instance, mixed } = partition;
  const policies = { ...(mixed && { mixed: [''] }), ...(policy && { policy }) }; // all of a mixed file's are known in the end
  return formatHeader({ database, retentionPolicy, instance, formatVersion: 1, ...origin, ...policies });
}

export function parseSegmentHeader(text: string): FileHeader {
  return readHeader(gzipSync(text));
}

/** Formats the header of a partition's next segment. */
export type SegmentHeaders = (partition: SpoolPartition, sequence: bigint) => string;

/**
 * Returns the headers of the segments of one run, the `writer`. A file without its policy is better than none: where `policies` throws or gives
 * something wrong, this is reported, and the policy left out.
 */
export function segmentHeaders(
  { precision, policies }: Pick<ResolvedOptions, 'precision' | 'policies'>,
  writer: string,
  reporter: Reporter,
): SegmentHeaders {
  return (partition, sequence) => {
    const origin = { precision, writer, sequence };
    try {
      const policy = partition.mixed ? undefined : policyOf(partition, policies);
      return formatSegmentHeader(partition, { ...origin, policy });
    } catch (error) {
      reporter.failed(error, partition.directory);
      return formatSegmentHeader(partition, { ...origin, policy: undefined });
    }
  };
}

/** Returns what is known of a policy. The name of the default one stands in its files as such: they hold the writes without a policy, too. */
function policyOf(
  { instance, database, retentionPolicy }: SpoolPartition,
  policies: ResolvedOptions['policies'],
): PolicySchema | undefined {
  const own = policies({ instance, database, retentionPolicy });
  if (retentionPolicy === '') return own;
  const unnamed = policies({ instance, database, retentionPolicy: '' });
  return unnamed?.name === retentionPolicy ? { ...unnamed, ...own, name: retentionPolicy } : own;
}
