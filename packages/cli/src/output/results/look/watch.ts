import { shellWord } from '@ceres/internal';
import type { WatchAlarm, WatchReport } from '@ceres/restore';
import { paint, print, type Terminal } from '../../../terminal';
import { escapeControls } from '../../escape';
import { formatCountOf, formatPointTime } from '../../format';
import { shownReason } from './reason';

/** More alarms of one run are counted, and named by `--json`. */
const alarmsShown = 20;

/** Prints what a run of a watch has found. */
export function printWatch(terminal: Terminal, report: WatchReport): void {
  const { instance, outcome, alarms, pending, unjudged, points, coverage } = report;
  const color = outcome === 'GOOD' ? 'green' : 'yellow';
  const word = paint(terminal, 'stdout', color, outcome);
  print(terminal, `${escapeControls(instance)}: ${word}  (${formatCountOf(points, 'point')} compared)`);
  for (const alarm of alarms.slice(0, alarmsShown)) printAlarm(terminal, alarm);
  if (alarms.length > alarmsShown) {
    print(terminal, `- ${formatCountOf(alarms.length - alarmsShown, 'more alarm')}: see them with --json`);
  }
  for (const { reason } of pending.slice(0, alarmsShown)) print(terminal, `- not yet an alarm: ${shownReason(reason)}`);
  if (pending.length > alarmsShown) {
    print(terminal, `- ${pending.length - alarmsShown} more that may become alarms`);
  }
  for (const { reason } of unjudged.slice(0, alarmsShown)) print(terminal, `- not judged: ${shownReason(reason)}`);
  const since = coverage.map(({ comparedSinceMs }) => comparedSinceMs);
  if (since.length === 0) return;
  const isWhole = since.every((ms) => ms !== undefined);
  const oldest = Math.min(...since.map((ms) => ms ?? 0));
  const covered = isWhole
    ? `Everything was compared since ${formatPointTime(BigInt(Math.floor(oldest)) * 1_000_000n)}.`
    : 'Not everything was compared yet.';
  print(terminal, covered);
}

function printAlarm(terminal: Terminal, { kind, name, reason, examples = [] }: WatchAlarm): void {
  print(terminal, `- ${kind}: ${shownReason(reason)}`);
  const [example] = examples;
  if (example !== undefined) {
    const tags = Object.entries(example.tags).map(([key, value]) => `,${key}=${value}`);
    const values = `in the backup ${shownOf(example.inBackup)}, in the database ${shownOf(example.inDatabase)}`;
    const place = `${formatPointTime(example.time)} ${example.field}${tags.join('')}`;
    print(terminal, `  such as ${shownReason(place)}: ${escapeControls(values)}`);
  }
  print(terminal, `  known? --accept ${shellWord(name)}`);
}

function shownOf(value: NonNullable<WatchAlarm['examples']>[number]['inBackup']): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'bigint') return `${value}i`;
  return typeof value === 'string'
    ? JSON.stringify(value.length > 200 ? `${value.slice(0, 200)}…` : value)
    : `${value}`;
}
