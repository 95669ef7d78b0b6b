import type { FileHeader } from '../header/file-header';
import { formatHeader } from '../header/format-header';
import { withHeaderCrc } from '../header/header-crc';

const newline = Buffer.from('\n');

/** Formats a refused record as a quarantine file holds it: a comment with the reason and the length, then the raw bytes. */
export function formatReject(code: string, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`# CERES-REASON: code=${code} bytes=${bytes.byteLength}\n`), bytes, newline]);
}

/**
 * Formats the header of a quarantine file. It names its database only in comments of ours: if an operator imports it anyway,
 * InfluxDB's tool stores nothing, rather than the half of a refused line that happens to parse.
 */
export function formatQuarantineHeader(header: FileHeader): string {
  const named = formatHeader({ ...header, notImportable: ['records that were refused, each behind its reason'] });
  const names = [
    `# CERES-DATABASE: ${encodeURIComponent(header.database)}`,
    `# CERES-RETENTION-POLICY: ${encodeURIComponent(header.retentionPolicy)}`,
  ];
  const lines = named.split('\n').filter((line) => !/^# (CONTEXT|CERES-DATABASE|CERES-RETENTION-POLICY)/.test(line));
  return withHeaderCrc(['# DML', ...names, ...lines.slice(1)].join('\n'));
}
