import {
  type ComparisonOptions,
  type ServerEvent,
  type StepProgress,
  type VerifyOptions,
  verify,
} from '@ceres/restore';
import { exitCodes } from '../exit-codes';
import { type SelectionOptions, toSelection } from '../options/selection';
import { type ServerOptions, toServerOptions } from '../options/server';
import { onlyGiven } from '../options/values';
import { afterVerify } from '../output/next/after-verify';
import { printNext } from '../output/next/next-command';
import { serverSentence, stepState } from '../output/progress/states';
import { statusLine } from '../output/progress/status-line';
import { differencesOf } from '../output/results/differences';
import { printVerdict } from '../output/results/verdict';
import { printJson, type Terminal } from '../terminal';

export interface VerifyCommandOptions extends SelectionOptions, ServerOptions {
  readonly level: 'counts' | 'content';
  readonly points?: number;
  readonly scratchDir?: string;
  readonly wait?: number;
  readonly all?: true;
  readonly json?: true;
}

export async function runVerify(url: URL, options: VerifyCommandOptions, terminal: Terminal): Promise<number> {
  const comparison = onlyGiven<ComparisonOptions>({
    ...toServerOptions(options, terminal.env),
    points: options.points,
    scratchDir: options.scratchDir,
    waitMs: options.wait,
  });
  const selection = await toSelection(url, options, terminal);
  const line = statusLine(terminal);
  const onProgress = options.json ? undefined : (progress: StepProgress) => line.show(...stepState(progress));
  const onServer = (event: ServerEvent) => line.say(serverSentence(event, options.to.host));
  const verdict = await verify(
    onlyGiven<VerifyOptions>({ ...selection, ...comparison, level: options.level, onProgress, onServer }),
  ).finally(() => line.end());
  if (options.json) printJson(terminal, verdict);
  else {
    const differences = differencesOf(verdict);
    printVerdict(terminal, verdict, { all: options.all === true, differences });
    printNext(terminal, ...afterVerify(terminal, verdict, differences));
  }
  return verdict.equal ? exitCodes.done : exitCodes.found;
}
