import { commandLine } from '@ceres/internal';
import {
  type CompileOptions,
  type CompileReport,
  compile,
  planRestore,
  previewCompile,
  type RestorePlan,
} from '@ceres/restore';
import { exitCodeOfSignal, exitCodes } from '../../exit-codes';
import { type PolicyOptions, toPolicies } from '../../options/policies';
import { type SelectionOptions, toSelection } from '../../options/selection';
import { type MappingOptions, toMappingOptions } from '../../options/server';
import { onlyGiven } from '../../options/values';
import { progressView } from '../../output/progress/restore-view';
import { printCompilePreview, printCompileReport } from '../../output/results/recover/compile';
import { printPlan } from '../../output/results/recover/plan';
import { printError, printJson, type Terminal } from '../../terminal';
import { missingOf, withoutList } from './restore';

export interface CompileCommandOptions extends SelectionOptions, MappingOptions, PolicyOptions {
  readonly out: string;
  readonly dryRun?: true;
  readonly rejectsDir: string;
  readonly rejectsMax?: number;
  readonly memory?: number;
  readonly threads?: number;
  readonly scratchDir?: string;
  readonly salvageDamaged?: string;
  readonly includeSalvaged?: string;
  readonly json?: true;
}

export async function runCompile(url: URL, options: CompileCommandOptions, terminal: Terminal): Promise<number> {
  // A restore divides by database; here the plan is whole, and its shards are divided.
  const { shard: _, ...selection } = options;
  const plan = await planRestore(await toSelection(url, selection, terminal));
  const compileOptions = await toCompileOptions(options, terminal);
  const preview = previewCompile(plan, compileOptions);
  if (options.json) {
    printJson(terminal, { event: 'plan', ...withoutList(plan) });
    printJson(terminal, { event: 'preview', ...preview });
  } else {
    printPlan(terminal, plan, { instance: options.instance, to: options.out });
    printCompilePreview(terminal, preview);
  }
  if (options.dryRun) return preview.leftOut.length > 0 ? exitCodes.setAside : exitCodes.done;
  const view = progressView(terminal, options);
  try {
    const report = await compile(plan, { ...compileOptions, onProgress: view.onProgress });
    view.end();
    if (options.json) printJson(terminal, { event: 'report', ...report });
    else printCompileReport(terminal, report, options);
    return exitCodeOf(report, plan);
  } catch (error) {
    view.end();
    if (!terminal.signal.aborted) throw error;
    printError(
      terminal,
      `Interrupted. What was written into ${options.out} was not whole, and is removed. To begin again, run:`,
    );
    printError(terminal, `  ${commandLine(terminal.argv)}`);
    return exitCodeOfSignal(terminal.signal);
  }
}

async function toCompileOptions(options: CompileCommandOptions, terminal: Terminal): Promise<CompileOptions> {
  return onlyGiven<CompileOptions>({
    ...toMappingOptions(options),
    out: options.out,
    rejectsDir: options.rejectsDir,
    rejectsMax: options.rejectsMax,
    shard: options.shard,
    memoryBytes: options.memory,
    threads: options.threads,
    scratchDir: options.scratchDir,
    salvageDamaged: options.salvageDamaged,
    includeSalvaged: options.includeSalvaged,
    policies: await toPolicies(options),
    signal: terminal.signal,
  });
}

function exitCodeOf({ rejected, damagedFiles, leftOut }: CompileReport, plan: RestorePlan): number {
  const setAside = rejected + damagedFiles.length + leftOut.length + missingOf(plan, {}).length;
  return setAside > 0 ? exitCodes.setAside : exitCodes.done;
}
