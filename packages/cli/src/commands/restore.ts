import type { PolicySchema, Precision } from '@ceres/lineproto';
import {
  planRestore,
  previewRestore,
  type RestoreOptions,
  type RestorePlan,
  type RestoreReport,
  restore,
} from '@ceres/restore';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes';
import { parseRedirects } from '../options/mappings';
import { parsePolicy, readSchemaFile } from '../options/policies';
import { precisionOption } from '../options/precision';
import { type SelectionOptions, toSelection, withPointSelection } from '../options/selection';
import { parseTargetUrl, targetServer } from '../options/server';
import { parseStorageUrl } from '../options/storage-url';
import { parseDuration } from '../options/times';
import { parseCount } from '../options/whole-number';
import { confirmWipe } from '../output/confirm-wipe';
import { printPlan } from '../output/plan';
import { printPreview, warnOfExpiry } from '../output/preview';
import { progressView } from '../output/progress';
import { printReport } from '../output/report';
import { complain, printJson, type Terminal } from '../terminal';

interface RestoreCommandOptions extends SelectionOptions {
  readonly to: URL;
  readonly dryRun?: true;
  readonly journal: string;
  readonly rejects: string;
  readonly maxRejects?: number;
  readonly lanes?: number;
  readonly rate?: number;
  readonly patience?: number;
  readonly mapDb?: Readonly<Record<string, string>>;
  readonly mapRp?: Readonly<Record<string, string>>;
  readonly rp?: Readonly<Record<string, PolicySchema>>;
  readonly schema?: string;
  readonly precision?: Precision;
  readonly wipe?: true;
  readonly yes?: true;
  readonly intoExisting?: true;
  readonly json?: true;
}

export function addRestore(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('restore')
    .description('replay a backup into InfluxDB 1.x; run it again to resume')
    .argument('<storage-url>', 'where the backup rests', parseStorageUrl)
    .addHelpText('after', examples)
    .requiredOption('--to <influx-url>', 'the server to write to, such as http://127.0.0.1:8086', parseTargetUrl);
  withPointSelection(command)
    .option('--dry-run', 'print what would be done, and do nothing')
    .option('--journal <file>', 'what is done is kept here; resumes when it exists', 'restore.journal')
    .option('--rejects <folder>', 'refused records go here, with their reason', 'rejects')
    .option('--max-rejects <n>', 'stop after so many refused records', parseCount)
    .option('--lanes <n>', 'concurrent writers, 4 if not said; 1 replays strictly in order', parseCount)
    .option('--rate <lines/s>', 'write no faster than this', parseCount)
    .option('--patience <duration>', 'how long to wait for a server that is down: 10m if not said', parseDuration)
    .option('--map-db <from=to>', 'restore a database under another name (may be repeated)', parseRedirects)
    .option('--map-rp <from=to>', 'restore a retention policy under another name (may be repeated)', parseRedirects)
    .option('--rp <name=duration>', 'create this policy so, such as rp_5d=5d (may be repeated)', parsePolicy)
    .option('--schema <file>', 'JSON: policies by name, each {duration, shardDuration, replication, isDefault}')
    .addOption(precisionOption())
    .option('--wipe', 'first drop what the planned policies of the target hold; asks, unless --yes')
    .option('--yes', 'do not ask before --wipe')
    .option('--into-existing', 'write also where the target already holds points')
    .option('--json', 'progress and report as NDJSON on stdout')
    .action(async (url: URL, options: RestoreCommandOptions) => {
      end(await runRestore(url, options, terminal));
    });
}

async function runRestore(url: URL, options: RestoreCommandOptions, terminal: Terminal): Promise<number> {
  const plan = await planRestore(await toSelection(url, options, terminal.signal));
  const restoreOptions = await toRestoreOptions(options, terminal);
  if (options.json) printJson(terminal, { event: 'plan', ...planFacts(plan) });
  else printPlan(terminal, plan, options);
  const preview = await previewRestore(plan, restoreOptions);
  if (options.dryRun) {
    if (options.json) printJson(terminal, { event: 'preview', ...preview });
    else printPreview(terminal, preview);
    return exitCodes.done;
  }
  warnOfExpiry(terminal, preview);
  if (options.wipe && !options.yes && !(await confirmWipe(terminal, plan, options))) {
    complain(terminal, 'Nothing was touched.');
    return exitCodes.failed;
  }
  const view = progressView(terminal, options.json === true);
  try {
    const report = await restore(plan, { ...restoreOptions, onProgress: (progress) => view.update(progress) });
    view.end();
    if (options.json) printJson(terminal, { event: 'report', ...report });
    else printReport(terminal, report, options.rejects);
    return exitCodeOf(report);
  } catch (error) {
    view.end();
    if (!terminal.signal.aborted) throw error;
    complain(terminal, `Interrupted. To go on from here:\n  ${commandLine(terminal.argv)}`);
    return exitCodes.interrupted;
  }
}

async function toRestoreOptions(options: RestoreCommandOptions, terminal: Terminal): Promise<RestoreOptions> {
  const { to, journal, rejects, lanes, rate, patience, maxRejects, wipe, intoExisting, precision } = options;
  const policies = { ...(options.schema ? await readSchemaFile(options.schema) : {}), ...options.rp };
  return {
    target: targetServer(to, terminal.env),
    journal,
    rejects,
    policies,
    signal: terminal.signal,
    ...(lanes !== undefined && { lanes }),
    ...(rate !== undefined && { linesPerSecondMax: rate }),
    ...(patience !== undefined && { patienceMs: patience }),
    ...(maxRejects !== undefined && { rejectsMax: maxRejects }),
    ...(wipe && { wipe }),
    ...(intoExisting && { intoExisting }),
    ...(options.mapDb && { mapDatabase: options.mapDb }),
    ...(options.mapRp && { mapRetentionPolicy: options.mapRp }),
    ...(precision && { precision }),
  };
}

function planFacts({ id, files, bytes, partitions, skippedNames, weaklyOrderedFiles }: RestorePlan): object {
  return { id, files, bytes, partitions, skippedNames, weaklyOrderedFiles };
}

function exitCodeOf({ rejected, corruptFiles }: RestoreReport): number {
  return rejected > 0 || corruptFiles.length > 0 ? exitCodes.rejects : exitCodes.done;
}

/** As it was typed, quoted for a shell. */
function commandLine(argv: readonly string[]): string {
  return ['ceres', ...argv].map(quote).join(' ');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

const examples = `
Examples:
  A lost server, from nothing:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086
  Only an hour of one measurement, beside what is there:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --db metrics \\
      --measurement cpu --from 2026-01-31T08:00:00Z --until 2026-01-31T09:00:00Z --into-existing
  As it was before a bad deploy, under another name:
    ceres restore gs://my-bucket --instance influxdb-0.influxdb --to http://127.0.0.1:8086 --db metrics \\
      --opened-before 2026-01-31T09:00:00Z --map-db metrics=metrics_before

Exit codes: 0 all restored, 1 failed, 2 wrong usage, 3 done but with rejects or damaged files, 130 interrupted.
Run the same command again after 1 or 130: it goes on where it was.`;
