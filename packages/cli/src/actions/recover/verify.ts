import {
  type ComparisonOptions,
  type ServerEvent,
  type StepProgress,
  type VerifyOptions,
  verify,
} from '@ceres/restore';
import { CliError } from '../../errors';
import { exitCodes } from '../../exit-codes';
import { type SelectionOptions, toSelection } from '../../options/selection';
import { type MappingOptions, toMappingOptions, toServer } from '../../options/server';
import { onlyGiven } from '../../options/values';
import { afterVerify } from '../../output/next/after-verify';
import { printNext } from '../../output/next/next-command';
import { serverSentence, stepState } from '../../output/progress/states';
import { statusLine } from '../../output/progress/status-line';
import { differencesOf } from '../../output/results/recover/differences';
import { printVerdict } from '../../output/results/recover/verdict';
import { printJson, type Terminal } from '../../terminal';

export interface VerifyCommandOptions extends SelectionOptions, MappingOptions {
  readonly to?: URL;
  readonly level: 'counts' | 'content';
  readonly snapshot?: string;
  readonly threads?: number;
  readonly points?: number;
  readonly scratchDir?: string;
  readonly wait?: number;
  readonly all?: true;
  readonly json?: true;
}

export async function runVerify(url: URL, options: VerifyCommandOptions, terminal: Terminal): Promise<number> {
  const { to, snapshot } = options;
  if (to === undefined && (snapshot === undefined || /^tcp:/i.test(snapshot))) {
    throw new CliError(
      'INVALID_OPTIONS',
      'Expected --to with the server to compare with, or --snapshot with a folder.',
    );
  }
  const comparison = onlyGiven<Partial<ComparisonOptions>>({
    to: to && toServer(to, terminal.env),
    ...toMappingOptions(options),
    snapshot,
    threads: options.threads,
    points: options.points,
    scratchDir: options.scratchDir,
    waitMs: options.wait,
  });
  const selection = await toSelection(url, options, terminal);
  const line = statusLine(terminal);
  const onProgress = options.json ? undefined : (progress: StepProgress) => line.show(...stepState(progress));
  const onServer = (event: ServerEvent) => line.say(serverSentence(event, to?.host ?? ''));
  const verdict = await verify(
    onlyGiven<VerifyOptions>({
      ...selection,
      ...comparison,
      level: options.level,
      onProgress,
      onServer,
    } as VerifyOptions),
  ).finally(() => line.end());
  if (options.json) printJson(terminal, verdict);
  else {
    const differences = differencesOf(verdict);
    printVerdict(terminal, verdict, { all: options.all === true, differences });
    printNext(terminal, ...afterVerify(terminal, verdict, differences));
  }
  return verdict.equal ? exitCodes.done : exitCodes.found;
}
