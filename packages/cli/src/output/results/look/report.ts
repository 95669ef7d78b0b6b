import type { RestoreReport, SchemaReport } from '@ceres/restore';
import { paint, print, type Terminal } from '../../../terminal';
import { formatCountOf, formatDuration } from '../../format';
import { formatLeftOut } from '../recover/left-out';
import { formatFinding } from './finding';

const whatNext = 'No line of these files was sent. Once they are repaired, run the same command again.';

/** Prints what was restored, and names everything that was not. */
export function printReport(
  terminal: Terminal,
  report: RestoreReport,
  { rejectsDir, isResume }: { readonly rejectsDir: string; readonly isResume: boolean },
): void {
  const { files, lines, expired, rejected, typeConflicts, unsealedFiles, damagedFiles, closedFiles, elapsedMs } =
    report;
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
  warnOfLongStrings(warn, report);
  for (const field of typeConflicts) warn(`Two types for one field, of which the first to arrive was kept: ${field}`);
  for (const key of unsealedFiles) warn(`Restored, although no footer certifies it: ${key}`);
  for (const finding of closedFiles) print(terminal, `Passed over, since ${formatFinding(finding)}`);
  for (const finding of damagedFiles) warn(`Set aside as a whole: ${formatFinding(finding)}`);
  if (damagedFiles.length > 0) warn(whatNext);
  for (const one of report.leftOut) warn(`Left out: ${formatLeftOut(one)}`);
  if (report.schema !== undefined) printSchema(terminal, report.schema);
}

/** Prints what was created beside the points, and what a human has to run: complete lines, to be copied. */
function printSchema(terminal: Terminal, { created, byHand }: SchemaReport): void {
  for (const statement of created) print(terminal, `Created: ${statement}`);
  if (byHand.length === 0) return;
  print(terminal, '', 'Not run. Look at each line, give each user a password, and run it in `influx`:');
  for (const statement of byHand) print(terminal, `  ${statement}`);
}

/** Warns of strings that stand in shards, and that InfluxDB would not take in lines. */
export function warnOfLongStrings(
  warn: (text: string) => void,
  { longStrings = 0 }: Pick<RestoreReport, 'longStrings'>,
): void {
  if (longStrings === 0) return;
  const what = `${formatCountOf(longStrings, 'line')} with a string over 1,048,576 bytes`;
  warn(
    `Shards hold ${what}: InfluxDB from 1.9 on serves it, but refuses such a line. To keep them out, restore by lines.`,
  );
}
