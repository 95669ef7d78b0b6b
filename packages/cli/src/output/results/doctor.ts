import { type Observations, type Outcome, racers } from '../../actions/doctor/observe';
import type { DoctorReport } from '../../actions/doctor/report';
import { paint, print, type Terminal } from '../../terminal';
import { formatCountOf } from '../format';
import { formatTable } from '../table';
import { widthOf } from '../wrap';

/** Prints what was tried on a store and what came of it, what is wrong, and what to do. */
export function printDoctor(terminal: Terminal, report: DoctorReport, seen: Observations): void {
  const { store, role, isGood, findings, accepted, untested, canaries } = report;
  const word = isGood ? paint(terminal, 'stdout', 'green', 'good') : paint(terminal, 'stdout', 'yellow', 'attention');
  print(terminal, `${store}, as a ${role}: ${word}`);
  for (const { kind, reason, remedy } of findings) {
    print(terminal, `- ${kind}: ${reason}`, `  Fix: ${remedy}`, `  known? --accept ${kind}`);
  }
  if (accepted.length > 0) print(terminal, `accepted: ${accepted.join(', ')}`);
  for (const what of untested) print(terminal, `not tried: ${what}`);
  print(
    terminal,
    '',
    ...formatTable(['tried', 'outcome'], rowsOf(seen), { width: widthOf(terminal, 'stdout'), names: 1 }),
  );
  if (canaries.length === 0) return;
  const left = `It left ${formatCountOf(canaries.length, 'small object')}, which the lifecycle rule of the bucket removes with the other files:`;
  print(terminal, '', left, ...canaries.map((key) => `  ${key}`));
}

function rowsOf(seen: Observations): [string, string][] {
  const { create, createAgain, winners, readOwn, readOther, list, overwrite, delete: deleted } = seen;
  const outcomes: readonly (readonly [string, Outcome])[] = [
    ['create', create],
    ['create again', createAgain],
    ['read its own object', readOwn],
    ['list', list],
    ['read another object', readOther],
    ['overwrite', overwrite],
    ['delete', deleted],
  ];
  const rows = outcomes
    .filter(([, { is }]) => is !== 'untried')
    .map(([what, { is }]): [string, string] => [what, words[is]]);
  if (winners !== undefined) rows.splice(2, 0, [`${racers} creates at once`, formatCountOf(winners, 'winner')]);
  return rows;
}

const words: Readonly<Record<Outcome['is'], string>> = {
  done: 'allowed',
  exists: 'refused: it exists',
  missing: 'there is none',
  denied: 'denied',
  untried: 'not tried',
  'missing-bucket': 'no such bucket',
  'wrong-region': 'another region',
  'no-conditional-writes': 'not understood',
  'clock-skew': 'refused for its time',
};
