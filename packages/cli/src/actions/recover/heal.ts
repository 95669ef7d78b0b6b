import { type HealOptions, type HealPreview, heal, type ServerEvent, type StepProgress } from '@ceres/restore';
import { exitCodes } from '../../exit-codes';
import { type SelectionOptions, toSelection } from '../../options/selection';
import { type ServerOptions, toServerOptions } from '../../options/server';
import { onlyGiven } from '../../options/values';
import { serverSentence, stepState } from '../../output/progress/states';
import { statusLine } from '../../output/progress/status-line';
import { confirmHost } from '../../output/questions/confirm-host';
import { printHealPreview, printHealReport } from '../../output/results/recover/heal';
import { printError, printJson, type Terminal } from '../../terminal';

export interface HealCommandOptions extends SelectionOptions, ServerOptions {
  readonly snapshot?: string;
  readonly only?: 'different';
  readonly dryRun?: true;
  readonly yes?: true;
  readonly accept?: readonly string[];
  readonly largeDamage?: true;
  readonly rate?: number;
  readonly patience?: number;
  readonly wait?: number;
  readonly threads?: number;
  readonly scratchDir?: string;
  readonly json?: true;
}

export async function runHeal(url: URL, options: HealCommandOptions, terminal: Terminal): Promise<number> {
  const { dryRun, yes, json, to } = options;
  const line = statusLine(terminal);
  let isRefused = false;
  const confirm = async (preview: HealPreview): Promise<boolean> => {
    line.end();
    if (!json) printHealPreview(terminal, preview, options.only);
    if (dryRun) return false;
    const isConfirmed = yes === true || (await confirmHost(terminal, to.host, 'heal'));
    isRefused = !isConfirmed;
    return isConfirmed;
  };
  const report = await heal(
    onlyGiven<HealOptions>({
      ...(await toSelection(url, options, terminal)),
      ...toServerOptions(options, terminal.env),
      snapshot: options.snapshot,
      only: options.only,
      accept: options.accept,
      largeDamage: options.largeDamage,
      rateLinesPerSecond: options.rate,
      patienceMs: options.patience,
      waitMs: options.wait,
      threads: options.threads,
      scratchDir: options.scratchDir,
      confirm,
      onProgress: json ? undefined : (progress: StepProgress) => line.show(...stepState(progress)),
      onServer: (event: ServerEvent) => line.say(serverSentence(event, to.host)),
    }),
  ).finally(() => line.end());
  if (isRefused) {
    printError(terminal, 'Nothing was written.');
    return exitCodes.failed;
  }
  if (json) printJson(terminal, report);
  else printHealReport(terminal, report);
  return report.equal ? exitCodes.done : exitCodes.found;
}
