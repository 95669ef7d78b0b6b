import { shellWord } from '@ceres/internal';
import type { InstanceStatus } from '@ceres/restore';
import type { LedgerFinding } from '@ceres/storage';
import type { Certificate } from '../certificate/certificate';

/** What somebody should do, and the command that does it. */
export interface NextStep {
  readonly text: string;
  readonly command?: string;
}

export interface StepOptions {
  /** The backup as commands name it. */
  readonly backup: string;
  readonly nowMs: number;
  readonly goalMs: number | undefined;
}

/** A drill is done every week; a day more is no reason to remind of it. */
const drillAgeMsMax = 8 * 86_400_000;
/** A command with a longer name would be cut where it is shown, and do something else. */
const nameLengthMax = 200;

/** Returns what to do next, the most urgent first; empty if all is well. */
export function nextSteps(
  { instance, hasLedger, seeds, findings, sequenceGaps }: InstanceStatus,
  [last]: readonly Certificate[],
  { backup, nowMs, goalMs }: StepOptions,
): readonly NextStep[] {
  const kinds = new Set<LedgerFinding['kind']>(findings.map(({ kind }) => kind));
  const run = (...words: readonly string[]) => commandOf(instance, backup, words);
  const steps: NextStep[] = [];
  const add = (text: string, command?: string) => steps.push({ text, ...(command !== undefined && { command }) });
  if (kinds.has('silent')) {
    add(
      'A sink is silent. Look whether its service runs, on its spool, and reaches the bucket; if it is gone for good, name it with --retired.',
    );
  }
  if (kinds.has('late')) {
    add('Files wait in a spool. Look at the log of the service: the storage may refuse them, or the network be down.');
  }
  if (kinds.has('lost') || sequenceGaps.length > 0) {
    add(
      'Files are lost. While InfluxDB still holds their points, copy them into the backup once more.',
      run('seed', '--source', 'tcp://127.0.0.1:8088', '--again'),
    );
  }
  if (kinds.has('resized')) add('Files are not as they were stored. See what can be read of them.', run('check'));
  if (kinds.has('unvouched') || kinds.has('ledger-gap') || kinds.has('unnamed') || kinds.has('untrusted')) {
    add('Nothing vouches for some files. Read all of them, then accept what is known.', run('check'));
  }
  if (kinds.has('unfinished-seed')) add('A seed was not finished. Run it once more: it goes on where it ended.');
  if (!hasLedger && seeds.length === 0) add('No sink keeps a ledger of this backup. Update the sinks.');
  drillSteps(last, { nowMs, goalMs }, (text) => add(text, run('drill')));
  return steps;
}

function drillSteps(
  last: Certificate | undefined,
  { nowMs, goalMs }: Pick<StepOptions, 'nowMs' | 'goalMs'>,
  add: (text: string) => void,
): void {
  if (last === undefined) add('No drill yet. Prove that the backup comes back.');
  else if (last.verdict !== 'PASS')
    add(`The last drill ended with ${last.verdict}. Read its reasons, and drill again.`);
  else if (nowMs - Date.parse(last.began) > drillAgeMsMax) add('The last drill is more than a week ago. Drill again.');
  else if (goalMs !== undefined && (last.recovery.seconds ?? Infinity) * 1000 > goalMs) {
    add('The last drill took longer than the goal. Drill natively, on a faster machine, or by shards on several.');
  }
}

/** Returns a command that can be copied; none for a name that is cut where it is shown. */
function commandOf(instance: string, backup: string, [name = '', ...words]: readonly string[]): string | undefined {
  if (Math.max(instance.length, backup.length) > nameLengthMax) return undefined;
  return ['ceres', name, backup, '--instance', instance, ...words].map(shellWord).join(' ');
}
