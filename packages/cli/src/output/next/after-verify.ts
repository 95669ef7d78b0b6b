import type { Verdict } from '@ceres/restore';
import type { Terminal } from '../../terminal';
import { formatPointTime } from '../format';
import type { PolicyDifference } from '../results/recover/differences';
import { hasOption, type NextCommand, notOfHeal, otherCommand, sameCommand } from './next-command';

/** How many databases and measurements a command names: more of them are better restored together. */
const namesMax = 5;
/** A heal says of more than this part that it is another database, or another disaster. */
const damagedPartMax = 0.1;

/** Returns what to type after a comparison. */
export function afterVerify(
  terminal: Terminal,
  verdict: Verdict,
  differences: readonly PolicyDifference[],
): readonly NextCommand[] {
  const { equal, level } = verdict;
  if (equal) {
    if (level === 'content') return [];
    return [
      { to: 'compare every value', command: sameCommand(terminal, ['--level', '--all'], ['--level', 'content']) },
    ];
  }
  const next: NextCommand[] = [];
  if (isBackupDamaged(verdict)) {
    next.push({ to: 'see what is wrong with the backup', command: otherCommand(terminal, 'check') });
  }
  const differ = differences.some(({ extra, differentMax }) => extra + differentMax > 0);
  if (differ && !hasOption(terminal, '--points')) {
    const command = sameCommand(terminal, ['--all'], ['--points', '20']);
    next.push({ to: 'see the first 20 values that differ', command });
  }
  if (isHealable(terminal, verdict, differences)) {
    const isOfService = terminal.argv.some((word) => /^(?:--snapshot=)?tcp:/i.test(word));
    const command = otherCommand(terminal, 'heal', [], isOfService ? [] : ['--snapshot']);
    next.push({ to: 'write what is missing or different, point by point', command });
  } else if (hasOption(terminal, '--to') && differences.some(({ missing, extra }) => missing > 0 && extra > 0)) {
    // It may be the database of another instance, which no restore must write into.
    next.push({ to: 'see what has happened, and what cures it', command: otherCommand(terminal, 'diagnose') });
  } else if (differences.some(({ missing }) => missing > 0)) next.push(restoreOf(terminal, differences));
  if (mayBeLate(verdict) && !hasOption(terminal, '--wait')) {
    next.push({
      to: 'wait until the sinks have stored what they hold, and compare again',
      command: sameCommand(terminal, ['--all'], ['--wait', '15m']),
    });
  }
  // Beside a service that never stops writing, no wait is long enough for the newest values.
  if ((differ || mayBeLate(verdict)) && hasOption(terminal, '--wait') && !hasOption(terminal, '--until')) {
    next.push({
      to: 'leave out what a service is still writing',
      command: sameCommand(terminal, ['--all', '--wait'], ['--until', '-1h']),
    });
  }
  return next;
}

/**
 * Returns whether a heal is the cure: a part of the points is missing or different, so few that it is no other disaster. It refuses a backup that is
 * damaged, and knows no files that are left out.
 */
function isHealable(terminal: Terminal, verdict: Verdict, differences: readonly PolicyDifference[]): boolean {
  if (hasOption(terminal, ...notOfHeal) || !hasOption(terminal, '--to') || isBackupDamaged(verdict)) return false;
  if (differences.some(({ missing, isAbsent }) => missing > 0 && isAbsent)) return false;
  const sum = (of: 'missing' | 'differentMax') => differences.reduce((total, one) => total + one[of], 0);
  const missing = sum('missing');
  if (missing === 0 && mayBeLate(verdict)) return false;
  return missing + sum('differentMax') > 0 && missing <= verdict.points * damagedPartMax;
}

function isBackupDamaged({ notCompared }: Verdict): boolean {
  return notCompared.some(({ key, reason }) => key !== undefined || reason.includes('missing'));
}

function mayBeLate({ notCompared }: Verdict): boolean {
  return notCompared.some(({ reason }) => reason.includes('may be late'));
}

/** Returns the restore of what is missing: of the databases and times that lack points, if the command names no other. */
function restoreOf(terminal: Terminal, differences: readonly PolicyDifference[]): NextCommand {
  const lacking = differences.filter(({ missing }) => missing > 0);
  const add: string[] = [];
  const databases = [...new Set(lacking.map(({ database }) => database))];
  const isNarrow = databases.length <= namesMax && !hasOption(terminal, '--db', '--map-db');
  if (isNarrow) for (const database of databases) add.push('--db', database);
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
    for (const name of measurements) add.push('--measurement', name);
  }
  return { to: 'bring back what is missing', command: otherCommand(terminal, 'restore', [...add, '--into-existing']) };
}
