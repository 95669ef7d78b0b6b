import type { DifferingPoint, NotCompared, Verdict } from '@ceres/restore';
import { paint, print, type Terminal } from '../../terminal';
import { formatCountOf, formatPointTime, formatPolicy } from '../format';
import { formatTable } from '../table';
import { formatFinding } from './finding';

/** Prints a verdict for a person: what was compared, where it differs, and last the word that counts. */
export function printVerdict(terminal: Terminal, verdict: Verdict): void {
  const { level, findings, mismatches, notCompared, comparedFrom, points, differingPoints = [] } = verdict;
  const open = new Map(findings.map((finding) => [nameOf(finding), finding]));
  for (const gap of notCompared) {
    const finding = open.get(nameOf(gap));
    open.delete(nameOf(gap));
    print(terminal, `not compared: ${placeOf(gap)}: ${finding ? formatFinding(finding) : gap.reason}`);
  }
  for (const finding of open.values()) print(terminal, formatFinding(finding));
  if (mismatches.length > 0) print(terminal, ...mismatchTable(mismatches));
  if (differingPoints.length > 0) print(terminal, ...pointTable(differingPoints));
  if (comparedFrom !== undefined) {
    print(
      terminal,
      `Compared points from ${formatPointTime(comparedFrom)} on: the policies may have expired older ones.`,
    );
  }
  const compared = formatCountOf(points, level === 'files' ? 'record' : 'point');
  const gaps = notCompared.length === 0 ? '' : `; ${formatCountOf(notCompared.length, 'part')} not compared`;
  print(terminal, `${wordOf(terminal, verdict)}  (${level}, ${compared}${gaps})`);
}

function wordOf(terminal: Terminal, { outcome, equal }: Verdict): string {
  const color = equal ? 'green' : outcome === 'INCOMPLETE' ? 'yellow' : 'red';
  return paint(terminal, 'stdout', color, outcome);
}

/** Returns what a finding and the part that it leaves out have in common. */
function nameOf({ key, reason }: { readonly key?: string; readonly reason: string }): string {
  return JSON.stringify([key, reason]);
}

function placeOf({ database, retentionPolicy, measurement }: NotCompared): string {
  const policy = retentionPolicy === undefined ? '' : `, policy ${formatPolicy(retentionPolicy)}`;
  return `database ${database}${policy}${measurement === undefined ? '' : `, measurement ${measurement}`}`;
}

function pointTable(points: readonly DifferingPoint[]): readonly string[] {
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

function mismatchTable(mismatches: Verdict['mismatches']): readonly string[] {
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
