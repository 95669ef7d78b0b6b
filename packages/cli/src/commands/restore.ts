import {
  type FileFinding,
  planRestore,
  previewRestore,
  type RestoreOptions,
  type RestorePlan,
  type RestoreReport,
  restore,
} from '@ceres/restore';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes';
import { collectPolicy, type Policies, readPolicies } from '../options/policies';
import { type SelectionOptions, toSelection, withPointSelection } from '../options/selection';
import { type ServerOptions, toServerOptions, withServer } from '../options/server';
import { withStorage } from '../options/storage-url';
import { collect, onlyGiven, parseDuration, parseWholeNumber } from '../options/values';
import { printPlan } from '../output/plan';
import { printPreview, warnBefore } from '../output/preview';
import { progressView } from '../output/progress';
import { confirmWipe } from '../output/questions/confirm-wipe';
import { printReport } from '../output/report';
import { commandLine } from '../output/shell';
import { printError, printJson, type Terminal } from '../terminal';

interface RestoreCommandOptions extends SelectionOptions, ServerOptions {
  readonly dryRun?: true;
  readonly journalFile: string;
  readonly rejectsDir: string;
  readonly rejectsMax?: number;
  readonly lanes?: number;
  readonly rate?: number;
  readonly patience?: number;
  readonly rp?: Policies;
  readonly policies?: string;
  readonly wipe?: true;
  readonly accept?: readonly string[];
  readonly salvageDamaged?: string;
  readonly includeSalvaged?: string;
  readonly scratchDir?: string;
  readonly yes?: true;
  readonly intoExisting?: true;
  readonly json?: true;
}

export function addRestore(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('restore')
    .description('Replays a backup into InfluxDB 1.x. Run the same command again to resume.')
    .addHelpText('after', examples);
  withPointSelection(withServer(withStorage(command), 'the server to write to'))
    .option('--dry-run', 'print what would be done, and do nothing')
    .option('--journal-file <file>', 'records what is done; a restore resumes from it', 'restore.journal')
    .option('--rejects-dir <folder>', 'receives each record that InfluxDB refuses, with the reason', 'rejects')
    .option('--rejects-max <n>', 'stop at more than n refused records (default: no limit)', parseWholeNumber)
    .option('--lanes <n>', 'concurrent writers; 1 replays strictly in order (default: 4)', parseWholeNumber)
    .option('--rate <lines/s>', 'write at most this fast (default: no limit)', parseWholeNumber)
    .option('--patience <duration>', 'how long to retry while the server is down (default: 10m)', parseDuration)
    .option('--rp <name=duration>', 'create this policy if it is missing, such as rp_5d=5d (repeatable)', collectPolicy)
    .option(
      '--policies <file>',
      'the same from JSON: {NAME: {duration, shardDuration, replication, isDefault}}; "" is the default policy, and takes a name',
    )
    .option('--wipe', 'first drop what the planned policies hold on the server, after a question')
    .option('--yes', 'answer that question with yes')
    .option(
      '--accept <finding>',
      'this finding is known: wipe in spite of it, and do not exit with 3 for it (repeatable)',
      collect,
    )
    .option('--salvage-damaged <folder>', 'receives what can be read of damaged files, to look at')
    .option('--include-salvaged <folder>', 'send these files in place of the damaged ones, in their order')
    .option('--scratch-dir <folder>', "for files over 32 MiB (default: the system's temporary folder)")
    .option('--into-existing', 'write even if the server already holds points')
    .option('--json', 'print the plan, the progress and the report as NDJSON')
    .action(async (url: URL, options: RestoreCommandOptions) => {
      end(await runRestore(url, options, terminal));
    });
}

async function runRestore(url: URL, options: RestoreCommandOptions, terminal: Terminal): Promise<number> {
  const plan = await planRestore(await toSelection(url, options, terminal));
  const restoreOptions = await toRestoreOptions(options, terminal);
  if (options.json) printJson(terminal, { event: 'plan', ...withoutList(plan) });
  else printPlan(terminal, plan, options);
  const preview = await previewRestore(plan, restoreOptions);
  if (options.dryRun) {
    if (options.json) printJson(terminal, { event: 'preview', ...preview });
    else printPreview(terminal, preview);
    return preview.leftOut.length > 0 ? exitCodes.setAside : exitCodes.done;
  }
  warnBefore(terminal, preview);
  if (options.wipe && !options.yes && !(await confirmWipe(terminal, plan, options))) {
    printError(terminal, 'Nothing was touched.');
    return exitCodes.failed;
  }
  const view = progressView(terminal, options.json === true);
  try {
    const report = await restore(plan, { ...restoreOptions, onProgress: (progress) => view.update(progress) });
    view.end();
    if (options.json) printJson(terminal, { event: 'report', ...report });
    else printReport(terminal, report, options.rejectsDir);
    return exitCodeOf(report, missingOf(plan, options));
  } catch (error) {
    view.end();
    if (!terminal.signal.aborted) throw error;
    printError(terminal, `Interrupted. To resume, run:\n  ${commandLine(terminal.argv)}`);
    return exitCodes.interrupted;
  }
}

async function toRestoreOptions(options: RestoreCommandOptions, terminal: Terminal): Promise<RestoreOptions> {
  const inFile = options.policies === undefined ? {} : await readPolicies(options.policies);
  return onlyGiven<RestoreOptions>({
    ...toServerOptions(options, terminal.env),
    journalFile: options.journalFile,
    rejectsDir: options.rejectsDir,
    rejectsMax: options.rejectsMax,
    lanes: options.lanes,
    rateLinesPerSecond: options.rate,
    patienceMs: options.patience,
    policies: { ...inFile, ...options.rp },
    wipe: options.wipe,
    accept: options.accept,
    salvageDamaged: options.salvageDamaged,
    includeSalvaged: options.includeSalvaged,
    scratchDir: options.scratchDir,
    intoExisting: options.intoExisting,
    signal: terminal.signal,
  });
}

/** Returns the plan as JSON shows it. */
function withoutList({ list: _, ...shown }: RestorePlan): object {
  return shown;
}

/** Returns what is missing, and not known to be: a silent sink alone may have had nothing to say any more. */
function missingOf({ missing }: RestorePlan, { accept = [] }: RestoreCommandOptions): readonly FileFinding[] {
  return missing.filter(({ name, problem }) => problem !== 'silent' && !accept.includes(name));
}

function exitCodeOf({ rejected, ...report }: RestoreReport, missing: readonly FileFinding[]): number {
  const setAside = rejected + report.damagedFiles.length + report.leftOut.length + missing.length;
  return setAside > 0 ? exitCodes.setAside : exitCodes.done;
}

const examples = `
Examples:
  After the loss of a server, into an empty one:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086
  One hour of one measurement, into a server that holds points:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --db metrics \\
      --measurement cpu --from 2026-01-31T08:00:00Z --until 2026-01-31T09:00:00Z --into-existing
  As it was before a bad deploy, under another name:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --db metrics \\
      --opened-before 2026-01-31T09:00:00Z --map-db metrics=metrics_before

After exit code 1 or 130, run the same command again: it resumes.`;
