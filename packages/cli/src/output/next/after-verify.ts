import type { Verdict } from '@ceres/restore';
import type { Terminal } from '../../terminal';
import { formatPointTime } from '../format';
import type { PolicyDifference } from '../results/differences';
import { hasOption, type NextCommand, otherCommand, sameCommand } from './next-command';

/** How many databases and measurements a command names: more of them are better restored together. */
const namesMax = 5;

/** Returns what to type after a comparison. */
export function afterVerify(
  terminal: Terminal,
  { equal, level, notCompared }: Verdict,
  differences: readonly PolicyDifference[],
): readonly NextCommand[] {
  if (equal) {
    if (level === 'content') return [];
    return [
      { to: 'compare every value', command: sameCommand(terminal, ['--level', '--all'], ['--level', 'content']) },
    ];
  }
  const next: NextCommand[] = [];
  if (notCompared.some(({ key, reason }) => key !== undefined || reason.includes('missing'))) {
    next.push({ to: 'see what is wrong with the backup', command: otherCommand(terminal, 'check') });
  }
  const differ = differences.some(({ extra, differentMax }) => extra + differentMax > 0);
  if (differ && !hasOption(terminal, '--points')) {
    const command = sameCommand(terminal, ['--all'], ['--points', '20']);
    next.push({ to: 'see the first 20 values that differ', command });
  }
  if (differences.some(({ missing }) => missing > 0)) next.push(restoreOf(terminal, differences));
  if (notCompared.some(({ reason }) => reason.includes('may be late')) && !hasOption(terminal, '--wait')) {
    next.push({
      to: 'wait until the sinks have stored what they hold, and compare again',
      command: sameCommand(terminal, ['--all'], ['--wait', '15m']),
    });
  }
  return next;
}

/** Returns the restore of what is missing: of the databases and times that lack points, if the command names no other. */
function restoreOf(terminal: Terminal, differences: readonly PolicyDifference[]): NextCommand {
  const lacking = differences.filter(({ missing }) => missing > 0);
  const add: string[] = [];
  const databases = [...new Set(lacking.map(({ database }) => database))];
  const isNarrow = databases.length <= namesMax && !hasOption(terminal, '--db', '--map-db');
  if (isNarrow) add.push(...databases.flatMap((database) => ['--db', database]));
  if (lacking.some(({ isAbsent }) => !isAbsent) && !hasOption(terminal, '--from', '--until')) {
    const stretches = lacking.flatMap((one) => one.stretches);
    const [first] = stretches.toSorted((a, b) => (a.from < b.from ? -1 : 1));
    const [last] = stretches.toSorted((a, b) => (a.until > b.until ? -1 : 1));
    add.push('--from', formatPointTime(first?.from ?? 0n), '--until', formatPointTime(last?.until ?? 0n));
  }
  const measurements = [...new Set(lacking.flatMap((one) => one.measurements))];
  // A byte that is not UTF-8 is shown as an escape, which would name another measurement.
  const canName = measurements.length <= namesMax && !measurements.some((name) => name.includes('\\x'));
  if (canName && lacking.every(({ isAbsent }) => !isAbsent) && !hasOption(terminal, '--measurement')) {
    add.push(...measurements.flatMap((name) => ['--measurement', name]));
  }
  return { to: 'bring back what is missing', command: otherCommand(terminal, 'restore', [...add, '--into-existing']) };
}
