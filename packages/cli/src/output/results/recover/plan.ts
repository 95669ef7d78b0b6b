import { shellWord } from '@ceres/internal';
import type { RestorePlan } from '@ceres/restore';
import { print, printError, type Terminal } from '../../../terminal';
import { formatBytes, formatCountOf, formatPolicies } from '../../format';
import { formatTable } from '../../table';
import { widthOf } from '../../wrap';
import { formatFinding } from '../look/finding';

/** Prints what would be replayed, one line per database and policy. */
export function printPlan(
  terminal: Terminal,
  plan: RestorePlan,
  { instance, to }: { readonly instance: string; readonly to: URL | string },
): void {
  print(
    terminal,
    `${instance} → ${typeof to === 'string' ? to : to.host}: ${formatCountOf(plan.files, 'file')}, ${formatBytes(plan.bytes)}`,
  );
  const rows = plan.partitions.map((partition) => {
    const { database, firstDay, lastDay, files, bytes, policy } = partition;
    const keeps = policy?.duration ?? '';
    return [database, formatPolicies(partition), keeps, firstDay, lastDay, files, formatBytes(bytes)];
  });
  if (rows.length > 0) {
    const head = ['database', 'policy', 'keeps', 'first day', 'last day', 'files', 'size'];
    print(terminal, ...formatTable(head, rows, { width: widthOf(terminal, 'stdout') }));
  }
  for (const { name, problem, reason } of plan.missing) {
    printError(terminal, problem === 'unfinished-seed' ? reason : `Missing: ${reason}`);
    printError(terminal, `  known? --accept ${shellWord(name)}`);
  }
  for (const finding of plan.closed) print(terminal, formatFinding(finding));
  if (plan.skippedNames > 0) printLeftOut(terminal, plan.skippedNames);
  if (plan.weaklyOrderedFiles > 0) {
    printError(
      terminal,
      `The names of ${formatCountOf(plan.weaklyOrderedFiles, 'file')} have no order; they are replayed by day and time of creation.`,
    );
  }
}

/** Says that a listing found files whose names are not those of backup files. */
export function printLeftOut(terminal: Terminal, files: number): void {
  printError(terminal, `Left out ${formatCountOf(files, 'other file')}, not named like a file of a backup.`);
}
