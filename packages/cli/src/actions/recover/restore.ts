import { commandLine } from '@ceres/internal';
import {
  type EarlierRuns,
  estimateRestore,
  type FileFinding,
  type NativeOptions,
  planRestore,
  previewRestore,
  type RestoreOptions,
  type RestorePlan,
  type RestoreProgress,
  type RestoreReport,
  restore,
} from '@ceres/restore';
import { CliError } from '../../errors';
import { exitCodeOfSignal, exitCodes } from '../../exit-codes';
import { journalName } from '../../options/journal-name';
import { type PolicyOptions, toPolicies } from '../../options/policies';
import { type SelectionOptions, toSelection } from '../../options/selection';
import { type ServerOptions, toServerOptions } from '../../options/server';
import { onlyGiven } from '../../options/values';
import { formatCountOf, formatMinute } from '../../output/format';
import { afterDryRun, afterRestore } from '../../output/next/after-restore';
import { printNext } from '../../output/next/next-command';
import { restoreView } from '../../output/progress/restore-view';
import { confirmWipe, warnOfNewer } from '../../output/questions/confirm-wipe';
import { printReport } from '../../output/results/look/report';
import { printEstimate, withDuration } from '../../output/results/recover/estimate';
import { printLiveReport } from '../../output/results/recover/heal';
import { interruptedAt } from '../../output/results/recover/interrupted';
import { printPlan } from '../../output/results/recover/plan';
import { printPreview, warnBefore } from '../../output/results/recover/preview';
import { print, printError, printJson, type Terminal } from '../../terminal';
import { forecastPlan } from './forecast';

export interface RestoreCommandOptions extends SelectionOptions, ServerOptions, PolicyOptions {
  readonly dryRun?: true;
  readonly certificates?: URL;
  readonly journalFile?: string;
  readonly rejectsDir: string;
  readonly rejectsMax?: number;
  readonly lanes?: number;
  readonly rate?: number;
  readonly patience?: number;
  readonly wipe?: true;
  readonly accept?: readonly string[];
  readonly salvageDamaged?: string;
  readonly includeSalvaged?: string;
  readonly scratchDir?: string;
  readonly yes?: true;
  readonly native?: string;
  readonly fill?: true;
  readonly allowRemote?: true;
  readonly threads?: number;
  readonly memory?: number;
  readonly intoExisting?: true;
  readonly live?: true;
  readonly wait?: number;
  readonly withSchema?: true;
  readonly json?: true;
}

/** Only a restore and a check read a file whole before they judge it. */
const unproven = 'would prove each file before it sends a line of it: a dry run proves none, `ceres check` does';

export async function runRestore(url: URL, options: RestoreCommandOptions, terminal: Terminal): Promise<number> {
  const plan = await planRestore(await toSelection(url, options, terminal));
  const journalFile = options.journalFile ?? journalName(url, plan, options);
  const restoreOptions = { ...(await toRestoreOptions(options, terminal)), journalFile };
  if (options.json) printJson(terminal, { event: 'plan', ...withoutList(plan) });
  else printPlan(terminal, plan, options);
  const preview = await previewRestore(plan, restoreOptions);
  const { resumes, alreadyFinished, drops } = preview;
  if (resumes !== undefined) sayResume(terminal, options, resumes, journalFile);
  if (options.dryRun) {
    const estimate = withDuration(await estimateRestore(plan), options.rate);
    const forecast = await forecastPlan(url, options, { plan, estimate, terminal });
    if (options.json) printJson(terminal, { event: 'preview', ...preview, estimate, forecast });
    else {
      printEstimate(terminal, estimate, forecast);
      print(terminal, unproven);
      printPreview(terminal, preview);
      printNext(terminal, ...afterDryRun(terminal));
    }
    return preview.leftOut.length > 0 ? exitCodes.setAside : exitCodes.done;
  }
  warnBefore(terminal, preview);
  if (options.wipe) warnOfNewer(terminal, drops);
  const isConfirmed = options.wipe !== true || options.yes === true || resumes?.hasWipe === true || alreadyFinished;
  if (!isConfirmed && !(await confirmWipe(terminal, drops, options.to))) {
    printError(terminal, 'Nothing was touched.');
    return exitCodes.failed;
  }
  const view = restoreView(terminal, options);
  let done: RestoreProgress | undefined;
  const onProgress = (progress: RestoreProgress) => {
    done = progress;
    view.callbacks.onProgress(progress);
  };
  try {
    const report = await restore(plan, { ...restoreOptions, ...view.callbacks, onProgress });
    view.end();
    if (options.json) printJson(terminal, { event: 'report', ...report });
    else {
      printReport(terminal, report, { rejectsDir: options.rejectsDir, isResume: resumes !== undefined });
      if (report.live !== undefined) printLiveReport(terminal, report.live);
      printNext(terminal, ...afterRestore(terminal, report, options));
    }
    return exitCodeOf(report, missingOf(plan, options));
  } catch (error) {
    view.end();
    if (!terminal.signal.aborted) throw error;
    printError(terminal, interruptedAt(done, journalFile), 'To resume, run:', `  ${commandLine(terminal.argv)}`);
    return exitCodeOfSignal(terminal.signal);
  }
}

/** Says what earlier runs with the journal have done. */
function sayResume(
  terminal: Terminal,
  { json, dryRun }: RestoreCommandOptions,
  resumes: EarlierRuns,
  journalFile: string,
): void {
  if (json) {
    printJson(terminal, { event: 'resume', journalFile, ...resumes });
    return;
  }
  const { beganMs, files, lines } = resumes;
  const began = beganMs === undefined ? '' : `, begun ${formatMinute(BigInt(beganMs) * 1_000_000n)} UTC`;
  const done = `${formatCountOf(lines, 'line')} of ${formatCountOf(files, 'file')}`;
  const what = dryRun ? 'would resume' : 'Resumes';
  print(terminal, `${what} the restore of ${journalFile}${began}: ${done} are done.`);
}

async function toRestoreOptions(
  options: RestoreCommandOptions,
  terminal: Terminal,
): Promise<Omit<RestoreOptions, 'journalFile'>> {
  return onlyGiven<Omit<RestoreOptions, 'journalFile'>>({
    ...toServerOptions(options, terminal.env),
    rejectsDir: options.rejectsDir,
    rejectsMax: options.rejectsMax,
    lanes: options.lanes,
    rateLinesPerSecond: options.rate,
    patienceMs: options.patience,
    policies: await toPolicies(options),
    wipe: options.wipe,
    accept: options.accept,
    salvageDamaged: options.salvageDamaged,
    includeSalvaged: options.includeSalvaged,
    scratchDir: options.scratchDir,
    intoExisting: options.intoExisting,
    live: options.live,
    waitMs: options.wait,
    withSchema: options.withSchema,
    native: toNative(options),
    signal: terminal.signal,
  });
}

/** @throws CliError if an option of a native restore is given without `--native` */
function toNative(options: RestoreCommandOptions): NativeOptions | undefined {
  const { native: url, fill, allowRemote, threads, memory } = options;
  if (url !== undefined) return { url, ...onlyGiven({ fill, allowRemote, threads, memoryBytes: memory }) };
  const given = { '--fill': fill, '--allow-remote': allowRemote, '--threads': threads, '--memory': memory };
  const [vain] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
  if (vain === undefined) return undefined;
  throw new CliError('INVALID_OPTIONS', `${vain} needs --native, such as --native tcp://127.0.0.1:8088.`);
}

/** Returns the plan as JSON shows it. */
export function withoutList({ list: _, ...shown }: RestorePlan): object {
  return shown;
}

/** Returns what is missing, and not known to be: a silent sink alone may have had nothing to say any more. */
export function missingOf(
  { missing }: RestorePlan,
  { accept = [] }: Pick<RestoreCommandOptions, 'accept'>,
): readonly FileFinding[] {
  return missing.filter(({ name, problem }) => problem !== 'silent' && !accept.includes(name));
}

function exitCodeOf({ rejected, ...report }: RestoreReport, missing: readonly FileFinding[]): number {
  const setAside = rejected + report.damagedFiles.length + report.leftOut.length + missing.length;
  if (setAside > 0) return exitCodes.setAside;
  return report.live?.equal === false ? exitCodes.found : exitCodes.done;
}
