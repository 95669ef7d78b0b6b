import type { Verdict } from '@ceres/restore';
import { formatCount, formatTable } from './table';
import { paint, print, type Terminal } from './terminal';
import { formatPointTime } from './times';

/** What a person reads of a verdict: what was compared, where it differs, and the one word that counts, last. */
export function printVerdict(terminal: Terminal, verdict: Verdict): void {
  const { level, equal, findings, mismatches, comparedFrom, points } = verdict;
  for (const { key, problem, reason } of findings) print(terminal, [problem, key, reason].filter(Boolean).join(': '));
  if (mismatches.length > 0) print(terminal, mismatchTable(mismatches));
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
