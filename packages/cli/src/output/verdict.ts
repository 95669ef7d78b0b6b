import type { DifferingPoint, Verdict } from '@ceres/restore';
import { paint, print, type Terminal } from '../terminal';
import { formatFinding } from './finding';
import { formatCountOf, formatPointTime, formatPolicy } from './format';
import { formatTable } from './table';

/** Prints a verdict for a person: what was compared, where it differs, and last the word that counts. */
export function printVerdict(terminal: Terminal, verdict: Verdict): void {
  const { level, findings, mismatches, comparedFrom, points, differingPoints = [] } = verdict;
  for (const finding of findings) print(terminal, formatFinding(finding));
  if (mismatches.length > 0) print(terminal, mismatchTable(mismatches));
  if (differingPoints.length > 0) print(terminal, pointTable(differingPoints));
  if (comparedFrom !== undefined) {
    print(
      terminal,
      `Compared points from ${formatPointTime(comparedFrom)} on: the policies may have expired older ones.`,
    );
  }
  const compared = formatCountOf(points, level === 'files' ? 'record' : 'point');
  print(terminal, `${wordOf(terminal, verdict)}  (${level}, ${compared})`);
}

/** Returns how many files a comparison could not read, or not to the end: `equal` is about what could be read. */
export function unreadFiles({ level, findings }: Verdict): number {
  return level === 'files' ? 0 : findings.filter(({ problem }) => problem !== 'unsealed').length;
}

function wordOf(terminal: Terminal, verdict: Verdict): string {
  const { level, equal } = verdict;
  if (!equal) return paint(terminal, 'stdout', 'red', level === 'files' ? 'DAMAGED' : 'NOT EQUAL');
  const unread = unreadFiles(verdict);
  if (unread === 0) return paint(terminal, 'stdout', 'green', level === 'files' ? 'WHOLE' : 'EQUAL');
  return paint(terminal, 'stdout', 'yellow', `EQUAL, except for ${formatCountOf(unread, 'file')} that cannot be read`);
}

function pointTable(points: readonly DifferingPoint[]): string {
  return formatTable(
    ['database', 'policy', 'series', 'time', 'field', 'in the backup', 'in the database'],
    points.map(({ database, retentionPolicy, measurement, tags, time, field, inBackup, inDatabase }) => [
      database,
      formatPolicy(retentionPolicy),
      [measurement, ...Object.entries(tags).map(([key, value]) => `${key}=${value}`)].join(','),
      formatPointTime(time),
      field,
      formatValue(inBackup),
      formatValue(inDatabase),
    ]),
  );
}

/** Returns a value as line protocol writes it: an integer ends in `i`, and a string is quoted. */
function formatValue(value: DifferingPoint['inBackup']): string {
  if (value === undefined) return '(missing)';
  return typeof value === 'bigint' ? `${value}i` : JSON.stringify(value);
}

function mismatchTable(mismatches: Verdict['mismatches']): string {
  return formatTable(
    ['database', 'policy', 'measurement', 'from', 'until', 'in the backup', 'in the database'],
    mismatches.map(({ database, retentionPolicy, measurement, from, until, inBackup, inDatabase }) => [
      database,
      formatPolicy(retentionPolicy),
      measurement,
      formatPointTime(from),
      formatPointTime(until),
      inBackup,
      inDatabase,
    ]),
  );
}
