import { type StepProgress, type VerifyOptions, verify } from '@ceres/restore';
import { exitCodes } from '../../exit-codes';
import { type SelectionOptions, toSelection } from '../../options/selection';
import { onlyGiven } from '../../options/values';
import { afterCheck } from '../../output/next/after-restore';
import { printNext } from '../../output/next/next-command';
import { stepState } from '../../output/progress/states';
import { statusLine } from '../../output/progress/status-line';
import { printVerdict } from '../../output/results/recover/verdict';
import { printJson, type Terminal } from '../../terminal';

export interface CheckOptions extends SelectionOptions {
  readonly all?: true;
  readonly json?: true;
}

export async function runCheck(url: URL, options: CheckOptions, terminal: Terminal): Promise<number> {
  const selection = await toSelection(url, options, terminal);
  const line = statusLine(terminal);
  const onProgress = options.json ? undefined : (progress: StepProgress) => line.show(...stepState(progress));
  const verdict = await verify(onlyGiven<VerifyOptions>({ ...selection, level: 'files', onProgress })).finally(() =>
    line.end(),
  );
  if (options.json) printJson(terminal, verdict);
  else {
    printVerdict(terminal, verdict, { all: options.all === true });
    printNext(terminal, ...afterCheck(terminal, verdict));
  }
  return verdict.equal ? exitCodes.done : exitCodes.found;
}
