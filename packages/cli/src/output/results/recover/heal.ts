import type { HealedValue, HealOptions, HealPreview, HealReport } from '@ceres/restore';
import { print, type Terminal } from '../../../terminal';
import { escapeControls } from '../../escape';
import { formatCountOf, formatPointTime } from '../../format';

/** The values that a preview shows one by one. */
const examplesShown = 5;

/** Prints what a heal is about to write. */
export function printHealPreview(terminal: Terminal, preview: HealPreview, only: HealOptions['only']): void {
  const { missing, different, compared, examples } = preview;
  print(
    terminal,
    `To heal: ${formatCountOf(different, 'point')} with other values, and ${missing} missing, of ${compared} compared.`,
  );
  for (const example of examples.slice(0, examplesShown)) print(terminal, `  ${exampleOf(example)}`);
  if (missing > 0 && only === undefined) {
    print(terminal, 'If somebody deleted the missing points on purpose, they come back: --only different leaves them.');
  }
}

/** Prints what a heal has done, and what it has left. */
export function printHealReport(terminal: Terminal, report: HealReport): void {
  const { points, values, isConfirmed } = report;
  if (isConfirmed) print(terminal, `Wrote ${formatCountOf(values, 'value')} in ${formatCountOf(points, 'point')}.`);
  printOutcome(terminal, report);
}

/** Prints what a restore beside live writes has found at its end. */
export function printLiveReport(terminal: Terminal, report: HealReport): void {
  const written = `${formatCountOf(report.values, 'value')} in ${formatCountOf(report.points, 'point')}`;
  const what = report.values === 0 ? 'nothing had to be written again' : `wrote ${written} again`;
  print(terminal, `Compared with what came while it ran: ${what}.`);
  printOutcome(terminal, report);
}

function printOutcome(terminal: Terminal, report: HealReport): void {
  const { outcome, skipped, refused, reasons, left, notCompared, comparedFrom } = report;
  if (comparedFrom !== undefined) {
    print(terminal, `Compared points from ${formatPointTime(comparedFrom)} on: older ones may have expired.`);
  }
  const remains: readonly (readonly [number, string])[] = [
    [skipped, 'changed since they were compared, and were left alone'],
    [refused, `refused by the server: ${reasons.map(escapeControls).join('; ')}`],
    [left.missing, 'missing'],
    [left.different, 'different'],
    [left.extra, 'only in the database: a heal never deletes'],
    [left.changedTypes, `of another type in the database: ${left.changedFields.map(escapeControls).join(', ')}`],
  ];
  for (const [count, what] of remains) if (count > 0) print(terminal, `Left: ${formatCountOf(count, 'value')} ${what}`);
  for (const { database, retentionPolicy, measurement, reason } of notCompared) {
    const place = [database, retentionPolicy, measurement].filter((name) => name !== undefined).join('.');
    print(terminal, `not compared: ${escapeControls(place)}: ${escapeControls(reason)}`);
  }
  print(terminal, `${outcome}  (content)`);
}

function exampleOf({ database, retentionPolicy, measurement, tags, time, field, inBackup, inDatabase }: HealedValue) {
  const labels = Object.entries(tags).map(([key, value]) => `,${key}=${value}`);
  const place = `${database}.${retentionPolicy} ${measurement}${labels.join('')} ${formatPointTime(time)} ${field}`;
  const now = inDatabase === undefined ? 'missing' : shownOf(inDatabase);
  return escapeControls(`${place}: ${now} → ${shownOf(inBackup)}`);
}

function shownOf(value: HealedValue['inBackup']): string {
  if (typeof value === 'bigint') return `${value}i`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
