import type { RestoreReport } from '@ceres/restore';
import { formatDuration } from '../options/times';
import { paint, print, type Terminal } from '../terminal';
import { formatCount } from './table';

/** What was restored and, by name, all that was not. */
export function printReport(terminal: Terminal, report: RestoreReport, rejects: string): void {
  const { files, lines, expired, rejected, typeConflicts, unsealedFiles, corruptFiles, corruptReasons, elapsedMs } =
    report;
  const warn = (text: string) => print(terminal, paint(terminal, 'stdout', 'yellow', text));
  const restored = `${formatCount(lines)} lines of ${formatCount(files)} files`;
  if (report.alreadyFinished) {
    warn('Nothing was done: the restore of this journal had finished before. To restore again, give a new --journal.');
    print(terminal, `It had restored ${restored}.`);
  } else print(terminal, `Restored ${restored} in ${formatDuration(elapsedMs)}.`);
  if (expired > 0)
    print(terminal, `${formatCount(expired)} lines are older than their policy keeps; they were not sent.`);
  if (rejected > 0) warn(`${formatCount(rejected)} lines were refused; they rest in ${rejects}, with the reasons.`);
  for (const field of typeConflicts) warn(`Two types for one field: ${field}; the first to arrive decided.`);
  for (const key of unsealedFiles) warn(`Not sealed, restored as far as it goes: ${key}`);
  for (const key of corruptFiles) {
    warn(`Damaged, restored as far as it can be read: ${key}: ${corruptReasons[key] ?? 'no reason known'}`);
  }
}
