import { createHash } from 'node:crypto';
import { commandLine } from '@ceres/internal';
import type { Precision } from '@ceres/lineproto';
import { previewSeed, type SeedOptions, type SeedPreview, type SeedReport, seed } from '@ceres/seed';
import type { ObjectReader, ObjectWriter } from '@ceres/storage';
import { CliError } from '../../errors';
import { exitCodeOfSignal, exitCodes } from '../../exit-codes';
import { parseServerUrl, toServer } from '../../options/server';
import { openWritableStorage } from '../../options/storage-url';
import { onlyGiven } from '../../options/values';
import { afterSeed } from '../../output/next/after-seed';
import { printNext } from '../../output/next/next-command';
import { seedView } from '../../output/progress/seed-view';
import { printSeedPreview, printSeedReport } from '../../output/results/seed';
import { print, printError, printJson, type Terminal } from '../../terminal';

export interface SeedCommandOptions {
  readonly instance?: string;
  readonly source: string;
  readonly db?: readonly string[];
  readonly policy?: readonly string[];
  readonly measurement?: readonly string[];
  readonly from?: bigint;
  readonly until?: bigint;
  readonly precision?: Precision;
  readonly dryRun?: true;
  readonly again?: true;
  readonly retired?: readonly string[];
  readonly influx?: URL;
  readonly rate?: number;
  readonly load?: number;
  readonly walDir?: string;
  readonly metaDir?: string;
  readonly workDir?: string;
  readonly segmentBytesMax?: number;
  readonly gzipLevel?: number;
  readonly json?: true;
}

export async function runSeed(url: URL, options: SeedCommandOptions, terminal: Terminal): Promise<number> {
  const { instance } = options;
  if (instance === undefined) {
    throw new CliError('INVALID_OPTIONS', 'Expected --instance: the name that the sinks of this server use.');
  }
  terminal.yieldToOthers?.();
  const workDir = options.workDir ?? workFolderName(url, instance, options);
  const storage = await openWritableStorage(url, terminal);
  const view = seedView(terminal, options);
  const seedOptions: SeedOptions = {
    ...toSeedOptions(storage, instance, options, terminal),
    workDir,
    onProgress: view.onProgress,
  };
  try {
    if (!options.json) print(terminal, `${options.dryRun ? 'Reading' : 'Seeding'} ${instance} from ${options.source}`);
    if (options.dryRun) {
      const preview = await previewSeed(seedOptions);
      view.end();
      if (options.json) printJson(terminal, { event: 'preview', ...preview });
      else printSeedPreview(terminal, preview, workDir);
      return exitCodeOf(preview);
    }
    const report = await seed(seedOptions);
    view.end();
    if (options.json) printJson(terminal, { event: 'report', ...report });
    else {
      printSeedReport(terminal, report, workDir);
      printNext(terminal, ...afterSeed(terminal, report, options));
    }
    return exitCodeOf(report);
  } catch (error) {
    view.end();
    if (!terminal.signal.aborted) throw error;
    printError(terminal, `Interrupted. What is done is in ${workDir}, and is not repeated. To go on, run:`);
    printError(terminal, `  ${commandLine(terminal.argv)}`);
    return exitCodeOfSignal(terminal.signal);
  }
}

function toSeedOptions(
  storage: ObjectReader & ObjectWriter,
  instance: string,
  options: SeedCommandOptions,
  terminal: Terminal,
): Omit<SeedOptions, 'workDir'> {
  const { source, db, policy, measurement, from, until, again, retired, walDir, metaDir } = options;
  return onlyGiven<Omit<SeedOptions, 'workDir'>>({
    storage,
    instance,
    source,
    databases: db,
    retentionPolicies: policy,
    measurements: measurement,
    from,
    until,
    precision: options.precision,
    again,
    retired,
    influx: serverOf(options, terminal.env),
    rateLinesPerSecond: options.rate,
    load: options.load,
    walDir,
    metaDir,
    segmentBytesMax: options.segmentBytesMax,
    gzipLevel: options.gzipLevel,
    uploadConcurrency: undefined,
    onProgress: undefined,
    clock: undefined,
    signal: terminal.signal,
  });
}

/** An `http://` source is its own HTTP API, with the credentials of the environment. */
function serverOf({ source, influx }: SeedCommandOptions, env: Terminal['env']): SeedOptions['influx'] {
  const url = /^https?:\/\//i.test(source) ? parseServerUrl(source, '--source') : undefined;
  if (url !== undefined && influx !== undefined && url.href !== influx.href) {
    throw new CliError(
      'INVALID_OPTIONS',
      'Expected --influx not to be given with a --source that is an HTTP API already.',
    );
  }
  const server = url ?? influx;
  return server && toServer(server, env);
}

/** Returns the name of a seed's work folder. The same command finds it again, and another one never does. */
function workFolderName(storage: URL, instance: string, options: SeedCommandOptions): string {
  const { source, db, policy, measurement, from, until, again } = options;
  const lists = [db, policy, measurement].map((names) => names ?? null);
  const identity = [storage.href.replace(/\/$/, ''), instance, source, ...lists, `${from}`, `${until}`, again === true];
  return `seed-${createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 12)}`;
}

function exitCodeOf({ losses }: SeedReport | SeedPreview): number {
  return losses.length > 0 ? exitCodes.setAside : exitCodes.done;
}
