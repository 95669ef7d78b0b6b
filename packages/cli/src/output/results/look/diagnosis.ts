import { shellWord } from '@ceres/internal';
import type { Diagnosis, DisasterKind } from '@ceres/restore';
import { paint, print, type Terminal } from '../../../terminal';
import { escapeControls } from '../../escape';
import { formatCountOf } from '../../format';
import { shownReason } from './reason';

/** What happened, in the words of the runbook. */
const disasterNames: Readonly<Record<DisasterKind, string>> = {
  'server-away': 'server away',
  'lost-volume': 'lost volume',
  'other-server': 'other server',
  'dropped-database': 'dropped database',
  'dropped-policy': 'dropped policy',
  'lost-points': 'lost points',
  'partial-damage': 'partial damage',
  'changed-type': 'changed type',
  'shifted-time': 'shifted time',
  'swapped-tags': 'swapped tags',
  'extra-points': 'extra points',
  'damaged-backup': 'damaged backup',
  'unvouched-files': 'unvouched files',
  'no-ledger': 'no ledger',
  'late-sink': 'late sink',
  'silent-sink': 'silent sink',
};

/** The findings of one disaster that are named. */
const findingsShown = 5;

/** Prints what is wrong. */
export function printDiagnosis(terminal: Terminal, diagnosis: Diagnosis): void {
  const { instance, outcome, disasters, unjudged, points } = diagnosis;
  for (const { kind, reason, findings, cure } of disasters) {
    print(terminal, `${paint(terminal, 'stdout', 'red', disasterNames[kind])}: ${shownReason(reason)}`);
    if (cure.action !== 'check') continue;
    for (const name of findings.slice(0, findingsShown)) print(terminal, `  known? --accept ${shellWord(name)}`);
  }
  for (const { reason } of unjudged) print(terminal, `not judged: ${shownReason(reason)}`);
  if (outcome === 'GOOD') {
    const word = paint(terminal, 'stdout', 'green', 'good');
    const what = `${formatCountOf(points, 'point')} compared, and the backup is whole`;
    print(terminal, `${escapeControls(instance)}: ${word}, ${what}.`);
  }
}
