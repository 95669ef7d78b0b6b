import { gzipSync } from 'node:zlib';
import { type FileHeader, formatHeader, type PolicySchema, type Precision, readHeader } from '@ceres/lineproto';
import type { SpoolPartition } from '../layout';

/** What a segment's header says beside its partition. */
export interface SegmentFacts {
  readonly precision: Precision;
  /** The run of the sink. */
  readonly writer: string;
  readonly sequence: bigint;
  readonly policy: PolicySchema | undefined;
}

/** The header of an open segment is that of the backup file, without what is known only in the end. */
export function formatSegmentHeader(partition: SpoolPartition, { policy, ...facts }: SegmentFacts): string {
  const { database, retentionPolicy, instance } = partition;
  return formatHeader({ database, retentionPolicy, instance, formatVersion: 1, ...facts, ...(policy && { policy }) });
}

export function parseSegmentHeader(text: string): FileHeader {
  return readHeader(gzipSync(text));
}

/**
 * The header of a quarantine file. It names its database only in comments of ours: should an operator import it all the
 * same, InfluxDB's tool stores nothing, rather than the half of a refused line that happens to parse.
 */
export function formatQuarantineHeader(header: FileHeader): string {
  const named = formatHeader({ ...header, notImportable: ['records that were refused, each behind its reason'] });
  const names = [
    `# CERES-DATABASE: ${encodeURIComponent(header.database)}`,
    `# CERES-RETENTION-POLICY: ${encodeURIComponent(header.retentionPolicy)}`,
  ];
  const lines = named.split('\n').filter((line) => !/^# (CONTEXT|CERES-DATABASE|CERES-RETENTION-POLICY)/.test(line));
  return ['# DML', ...names, ...lines.slice(1)].join('\n');
}
