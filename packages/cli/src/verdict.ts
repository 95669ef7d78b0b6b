import type { DifferingPoint, Verdict } from '@ceres/restore';
import { formatCount, formatTable } from './table';
import { paint, print, type Terminal } from './terminal';
import { formatPointTime } from './times';

/** What a person reads of a verdict: what was compared, where it differs, and the one word that counts, last. */
export function printVerdict(terminal: Terminal, verdict: Verdict): void {
  const { level, equal, findings, mismatches, comparedFrom, points, differingPoints = [] } = verdict;
  for (const { key, problem, reason } of findings) print(terminal, [problem, key, reason].filter(Boolean).join(': '));
  if (mismatches.length > 0) print(terminal, mismatchTable(mismatches));
  if (differingPoints.length > 0) print(terminal, pointTable(differingPoints));
  if (comparedFrom !== undefined) {
    print(
      terminal,
      `Compared: points from ${formatPointTime(comparedFrom)} on; the policies may have expired older ones.`,
    );
  }
  const word = equal
    ? paint(terminal, 'stdout', 'green', level === 'files' ? 'WHOLE' : 'EQUAL')
    : paint(terminal, 'stdout', 'red', level === 'files' ? 'DAMAGED' : 'NOT EQUAL');
  print(terminal, `${word}  (${level}, ${formatCount(points)} ${level === 'files' ? 'records' : 'points'})`);
}

function pointTable(points: readonly DifferingPoint[]): string {
  return formatTable(
    ['database', 'policy', 'series', 'time', 'field', 'in the backup', 'in the database'],
    points.map(({ database, retentionPolicy, measurement, tags, time, field, inBackup, inDatabase }) => [
      database,
      retentionPolicy || '(default)',
      [measurement, ...Object.entries(tags).map(([key, value]) => `${key}=${value}`)].join(','),
      formatPointTime(time),
      field,
      formatValue(inBackup),
      formatValue(inDatabase),
    ]),
  );
}

/** As line protocol writes it: an integer ends in `i`, and a string is quoted. */
function formatValue(value: DifferingPoint['inBackup']): string {
  if (value === undefined) return '(missing)';
  return typeof value === 'bigint' ? `${value}i` : JSON.stringify(value);
}

function mismatchTable(mismatches: Verdict['mismatches']): string {
  return formatTable(
    ['database', 'policy', 'measurement', 'from', 'to', 'in the backup', 'in the database'],
    mismatches.map(({ database, retentionPolicy, measurement, from, to, inBackup, inDatabase }) => [
      database,
      retentionPolicy || '(default)',
      measurement,
      formatPointTime(from),
      formatPointTime(to),
      inBackup,
      inDatabase,
    ]),
  );
}
