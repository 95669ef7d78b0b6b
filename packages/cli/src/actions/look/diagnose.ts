import { type DiagnoseOptions, diagnose, type ServerEvent, type StepProgress } from '@ceres/restore';
import { exitCodes } from '../../exit-codes';
import { toSelection } from '../../options/selection';
import { type ServerOptions, toServerOptions } from '../../options/server';
import { onlyGiven } from '../../options/values';
import { afterDiagnose } from '../../output/next/after-diagnose';
import { printNext } from '../../output/next/next-command';
import { serverSentence, stepState } from '../../output/progress/states';
import { statusLine } from '../../output/progress/status-line';
import { printDiagnosis } from '../../output/results/look/diagnosis';
import { printJson, type Terminal } from '../../terminal';

export interface DiagnoseCommandOptions extends ServerOptions {
  readonly instance: string;
  readonly db?: readonly string[];
  readonly keep?: number;
  readonly retired?: readonly string[];
  readonly snapshot?: string;
  readonly accept?: readonly string[];
  readonly wait?: number;
  readonly threads?: number;
  readonly scratchDir?: string;
  readonly json?: true;
}

export async function runDiagnose(url: URL, options: DiagnoseCommandOptions, terminal: Terminal): Promise<number> {
  const { json, to } = options;
  const line = statusLine(terminal);
  const diagnosis = await diagnose(
    onlyGiven<DiagnoseOptions>({
      ...(await toSelection(url, options, terminal)),
      ...toServerOptions(options, terminal.env),
      snapshot: options.snapshot,
      accept: options.accept,
      waitMs: options.wait,
      threads: options.threads,
      scratchDir: options.scratchDir,
      onProgress: json ? undefined : (progress: StepProgress) => line.show(...stepState(progress)),
      onServer: (event: ServerEvent) => line.say(serverSentence(event, to.host)),
    }),
  ).finally(() => line.end());
  if (json) printJson(terminal, diagnosis);
  else {
    printDiagnosis(terminal, diagnosis);
    printNext(terminal, ...afterDiagnose(terminal, diagnosis));
  }
  return { GOOD: exitCodes.done, FOUND: exitCodes.found, UNJUDGED: exitCodes.unjudged }[diagnosis.outcome];
}
