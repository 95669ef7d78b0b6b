import type { SinkStats } from '@ceres/backup-sink';

type Kind = 'counter' | 'gauge';

/** Formats for Prometheus what it should know of a sink. docs/operations.md says when to alert. */
export function formatMetrics(stats: SinkStats): string {
  const metrics: readonly (readonly [name: string, kind: Kind, help: string, value: number])[] = [
    ['accepted_lines_total', 'counter', 'Lines acked.', stats.acceptedLines],
    ['accepted_bytes_total', 'counter', 'Bytes of the lines acked.', stats.acceptedBytes],
    ['quarantined_lines_total', 'counter', 'Lines set aside with their reason.', stats.quarantinedLines],
    ['stored_files_total', 'counter', 'Files in the storage.', stats.storedFiles],
    ['unstored_files', 'gauge', 'Files that wait in the spool.', stats.unstoredFiles],
    ['parked_files', 'gauge', 'Files that the storage keeps refusing.', stats.parkedFiles],
    ['spooled_bytes', 'gauge', 'Bytes on the spool volume.', stats.spooledBytes],
    ['oldest_unstored_seconds', 'gauge', 'Data at risk if the disk were lost now.', stats.oldestUnstoredMs / 1000],
  ];
  return metrics
    .map(
      ([name, kind, help, value]) =>
        `# HELP ceres_${name} ${help}\n# TYPE ceres_${name} ${kind}\nceres_${name} ${value}\n`,
    )
    .join('');
}
