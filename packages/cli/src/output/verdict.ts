import type { DifferingPoint, Verdict } from '@ceres/restore';
import { formatPointTime } from '../options/times';
import { paint, print, type Terminal } from '../terminal';
import { formatCount, formatTable } from './table';

/** What a person reads of a verdict: what was compared, where it differs, and the one word that counts, last. */
export function printVerdict(terminal: Terminal, verdict: Verdict): void {
  const { level, findings, mismatches, comparedFrom, points, differingPoints = [] } = verdict;
  for (const { key, problem, reason } of findings) print(terminal, [problem, key, reason].filter(Boolean).join(': '));
  if (mismatches.length > 0) print(terminal, mismatchTable(mismatches));
  if (differingPoints.length > 0) print(terminal, pointTable(differingPoints));
  if (comparedFrom !== undefined) {
    print(
      terminal,
      `Compared: points from ${formatPointTime(comparedFrom)} on; the policies may have expired older ones.`,
    );
  }
  print(
    terminal,
    `${wordOf(terminal, verdict)}  (${level}, ${formatCount(points)} ${level === 'files' ? 'records' : 'points'})`,
  );
}

/** Files of which a comparison says nothing, or not everything: `equal` is about what could be read. */
export function unreadFiles({ level, findings }: Verdict): number {
  return level === 'files' ? 0 : findings.filter(({ problem }) => problem !== 'unsealed').length;
}

function wordOf(terminal: Terminal, verdict: Verdict): string {
  const { level, equal } = verdict;
  if (!equal) return paint(terminal, 'stdout', 'red', level === 'files' ? 'DAMAGED' : 'NOT EQUAL');
  const unread = unreadFiles(verdict);
  if (unread === 0) return paint(terminal, 'stdout', 'green', level === 'files' ? 'WHOLE' : 'EQUAL');
  const files = unread === 1 ? '1 file' : `${formatCount(unread)} files`;
  return paint(terminal, 'stdout', 'yellow', `EQUAL, but for ${files} that cannot be read`);
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
