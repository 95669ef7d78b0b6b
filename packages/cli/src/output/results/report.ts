import type { RestoreReport } from '@ceres/restore';
import { paint, print, type Terminal } from '../../terminal';
import { formatCountOf, formatDuration } from '../format';
import { formatFinding } from './finding';
import { formatLeftOut } from './left-out';

const whatNext = 'No line of these files was sent. Once they are repaired, run the same command again.';

/** Prints what was restored, and names everything that was not. */
export function printReport(
  terminal: Terminal,
  report: RestoreReport,
  { rejectsDir, isResume }: { readonly rejectsDir: string; readonly isResume: boolean },
): void {
  const { files, lines, expired, rejected, typeConflicts, unsealedFiles, damagedFiles, elapsedMs } = report;
  const warn = (text: string) => print(terminal, paint(terminal, 'stdout', 'yellow', text));
  const restored = `${formatCountOf(lines, 'line')} of ${formatCountOf(files, 'file')}`;
  if (report.alreadyFinished) {
    warn(
      'Nothing was done: this restore has already finished, and the server holds what it wrote. To write it again, add --into-existing.',
    );
    print(terminal, `It restored ${restored}.`);
  } else {
    const took = formatDuration(elapsedMs);
    print(terminal, isResume ? `Restored ${restored}; this run took ${took}.` : `Restored ${restored} in ${took}.`);
  }
  if (expired > 0) {
    print(terminal, `Did not send ${formatCountOf(expired, 'line')}: older than the policy keeps.`);
  }
  if (rejected > 0) {
    warn(
      `InfluxDB refused ${formatCountOf(rejected, 'line')}. Look into ${rejectsDir}: each is there with its reason.`,
    );
  }
  for (const field of typeConflicts) warn(`Two types for one field, of which the first to arrive was kept: ${field}`);
  for (const key of unsealedFiles) warn(`Restored, although no footer certifies it: ${key}`);
  for (const finding of damagedFiles) warn(`Set aside as a whole: ${formatFinding(finding)}`);
  if (damagedFiles.length > 0) warn(whatNext);
  for (const one of report.leftOut) warn(`Left out: ${formatLeftOut(one)}`);
}
