import type { RestorePlan } from '@ceres/restore';
import { complain, print, type Terminal } from '../terminal';
import { formatBytes, formatCount, formatTable } from './table';

/** What would be replayed, a line for each database and policy. */
export function printPlan(
  terminal: Terminal,
  plan: RestorePlan,
  { instance, to }: { readonly instance: string; readonly to: URL },
): void {
  print(terminal, `${instance} → ${to.host}: ${formatCount(plan.files)} files, ${formatBytes(plan.bytes)}`);
  const rows = plan.partitions.map(({ database, retentionPolicy, firstDay, lastDay, files, bytes, policy }) => [
    database,
    retentionPolicy || '(default)',
    policy?.duration ?? '',
    firstDay,
    lastDay,
    files,
    formatBytes(bytes),
  ]);
  if (rows.length > 0) {
    print(terminal, formatTable(['database', 'policy', 'keeps', 'first day', 'last day', 'files', 'size'], rows));
  }
  if (plan.skippedNames > 0) {
    complain(terminal, `${formatCount(plan.skippedNames)} other files were left out: their names are not ours.`);
  }
  if (plan.weaklyOrderedFiles > 0) {
    complain(
      terminal,
      `${formatCount(plan.weaklyOrderedFiles)} files have names without an order; they go by day and time of creation.`,
    );
  }
}
