import type { DifferingPoint, NotCompared, Verdict } from '@ceres/restore';
import { paint, print, type Terminal } from '../../../terminal';
import { formatCount, formatCountOf, formatMinute, formatPointTime, formatPolicy } from '../../format';
import { formatTable } from '../../table';
import { widthOf } from '../../wrap';
import { formatFinding } from '../look/finding';
import { differenceTable, type PolicyDifference } from './differences';

/** More lines of one kind are counted, and printed with `--all`. */
const linesShown = 20;

export interface VerdictView {
  /** Prints every line, however many there are. */
  readonly all?: boolean;
  /** What differs, summed up. */
  readonly differences?: readonly PolicyDifference[];
}

/** Prints a verdict for a person: what was not compared, where it differs, and last the word that counts. */
export function printVerdict(terminal: Terminal, verdict: Verdict, view: VerdictView = {}): void {
  const { level, seedOnly, notCompared, comparedFrom, points, differingPoints = [] } = verdict;
  const { all = false, differences = [] } = view;
  const width = widthOf(terminal, 'stdout');
  const gaps = gapLines(verdict);
  const gapsShown = all ? gaps : gaps.slice(0, linesShown);
  print(terminal, ...gapsShown);
  printRest(terminal, gaps.length - gapsShown.length, 'more line');
  for (const { database, retentionPolicy, takenMs } of seedOnly) {
    const place = `database ${database}, policy ${formatPolicy(retentionPolicy)}`;
    print(terminal, `seed only, as of ${formatMinute(BigInt(takenMs) * 1_000_000n)} UTC: ${place}: no tee writes it`);
  }
  const shown = all ? differences : differences.slice(0, linesShown);
  if (shown.length > 0) print(terminal, ...differenceTable(shown, width));
  const more = differences.length - shown.length;
  printRest(terminal, more, 'more policy that differs', 'more policies that differ');
  if (differingPoints.length > 0) print(terminal, ...pointTable(differingPoints, width));
  if (comparedFrom !== undefined) {
    print(
      terminal,
      `Compared points from ${formatPointTime(comparedFrom)} on: the policies may have expired older ones.`,
    );
  }
  const compared = formatCountOf(points, level === 'files' ? 'record' : 'point');
  const left = notCompared.length === 0 ? '' : `; ${formatCountOf(notCompared.length, 'part')} not compared`;
  print(terminal, `${wordOf(terminal, verdict)}  (${level}, ${compared}${left})`);
}

function printRest(terminal: Terminal, count: number, one: string, many?: string): void {
  if (count > 0) print(terminal, `and ${formatCountOf(count, one, many)}: see them with --all`);
}

/** Returns what could not be compared, and what else is known of the files: a line for each policy and reason, or each file. */
function gapLines({ findings, notCompared }: Verdict): string[] {
  const open = new Map(findings.map((finding) => [nameOf(finding), finding]));
  const groups = new Map<string, [NotCompared, ...NotCompared[]]>();
  for (const gap of notCompared) {
    const { database, retentionPolicy, key, reason } = gap;
    const name = JSON.stringify([database, retentionPolicy, key, reason]);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [gap]);
    else group.push(gap);
  }
  const lines = [...groups.values()].map((gaps) => {
    const finding = open.get(nameOf(gaps[0]));
    return `not compared: ${placeOf(gaps)}: ${finding ? formatFinding(finding) : gaps[0].reason}`;
  });
  for (const gap of notCompared) open.delete(nameOf(gap));
  return [...lines, ...[...open.values()].map(formatFinding)];
}

function wordOf(terminal: Terminal, { outcome, equal }: Verdict): string {
  const color = equal ? 'green' : outcome === 'INCOMPLETE' ? 'yellow' : 'red';
  return paint(terminal, 'stdout', color, outcome);
}

/** Returns what a finding and the part that it leaves out have in common. */
function nameOf({ key, reason }: { readonly key?: string; readonly reason: string }): string {
  return JSON.stringify([key, reason]);
}

/** Returns where gaps of one policy are. */
function placeOf(gaps: readonly [NotCompared, ...NotCompared[]]): string {
  const [{ database, retentionPolicy, measurement }] = gaps;
  const policy = retentionPolicy === undefined ? '' : `, policy ${formatPolicy(retentionPolicy)}`;
  const more = gaps.length === 1 ? '' : ` and ${formatCount(gaps.length - 1)} more`;
  return `database ${database}${policy}${measurement === undefined ? '' : `, measurement ${measurement}${more}`}`;
}

function pointTable(points: readonly DifferingPoint[], width: number): readonly string[] {
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
    { width, names: 3 },
  );
}

/** Returns a value as line protocol writes it: an integer ends in `i`, and a string is quoted. */
function formatValue(value: DifferingPoint['inBackup']): string {
  if (value === undefined) return '(missing)';
  return typeof value === 'bigint' ? `${value}i` : JSON.stringify(value);
}
