import { readFile } from 'node:fs/promises';
import { type Certificate, checkCertificate, type DrillOptions, drill, type Route } from '@ceres/drill';
import { commandLine } from '@ceres/internal';
import { CliError } from '../../errors';
import { exitCodeOfSignal, exitCodes } from '../../exit-codes';
import { toServer } from '../../options/server';
import { openStorage, openWritableStorage } from '../../options/storage-url';
import { onlyGiven } from '../../options/values';
import { drillView } from '../../output/progress/drill-view';
import { printCertificate, printChecked } from '../../output/results/recover/drill';
import { print, printError, printJson, type Terminal } from '../../terminal';

export interface DrillCommandOptions {
  readonly instance?: string;
  readonly sample?: number;
  readonly route?: Route;
  readonly influxd?: string;
  readonly scratchServer?: URL;
  readonly native?: string;
  readonly allowRemote?: true;
  readonly certificates?: URL;
  readonly signingKey?: string;
  readonly accept?: readonly string[];
  readonly keep?: number;
  readonly retired?: readonly string[];
  readonly workDir?: string;
  readonly threads?: number;
  readonly memory?: number;
  readonly check?: string;
  readonly publicKey?: string;
  readonly json?: true;
}

export async function runDrill(url: URL, options: DrillCommandOptions, terminal: Terminal): Promise<number> {
  if (options.check !== undefined) return await runCheck(options.check, options, terminal);
  if (options.publicKey !== undefined) throw new CliError('INVALID_OPTIONS', '--public-key needs --check.');
  const view = drillView(terminal, options);
  try {
    const drillOptions = await toDrillOptions(url, options, terminal);
    if (!options.json) print(terminal, `Drilling ${drillOptions.instance} from ${url}`);
    const report = await drill({ ...drillOptions, onProgress: view.onProgress });
    view.end();
    const { certificate, key, notStored, leftovers } = report;
    if (options.json) printJson(terminal, { event: 'certificate', ...certificate });
    else
      printCertificate(terminal, certificate, key === undefined ? undefined : `${options.certificates ?? url}/${key}`);
    for (const folder of leftovers.removed) printError(terminal, `Removed what a killed drill had left: ${folder}`);
    for (const folder of leftovers.kept) {
      printError(terminal, `Left as it is, since its drill may still run elsewhere: ${folder}`);
    }
    if (notStored !== undefined) {
      printError(terminal, `ceres: ${notStored.message} (${notStored.code})`);
      return exitCodes.failed;
    }
    return exitCodeOf(certificate);
  } catch (error) {
    view.end();
    if (!terminal.signal.aborted) throw error;
    printError(terminal, 'Interrupted. Everything that the drill made is removed. To drill again, run:');
    printError(terminal, `  ${commandLine(terminal.argv)}`);
    return exitCodeOfSignal(terminal.signal);
  }
}

async function toDrillOptions(url: URL, options: DrillCommandOptions, terminal: Terminal): Promise<DrillOptions> {
  const { instance = '', scratchServer, certificates, signingKey, keep, memory } = options;
  const isSame = certificates === undefined || certificates.href === url.href;
  const storage = isSame ? await openWritableStorage(url, terminal) : await openStorage(url, terminal);
  return onlyGiven<DrillOptions>({
    storage,
    instance,
    sample: options.sample,
    route: options.route,
    influxd: options.influxd,
    scratchServer: scratchServer && toServer(scratchServer, terminal.env),
    native: options.native,
    allowRemote: options.allowRemote,
    certificates: await openWritableStorage(certificates ?? url, terminal),
    signingKey: signingKey === undefined ? undefined : await readText('--signing-key', signingKey),
    accept: options.accept,
    keepMs: keep,
    retired: options.retired,
    workDir: options.workDir,
    threads: options.threads,
    memoryBytes: memory,
    signal: terminal.signal,
    onProgress: undefined,
    clock: undefined,
  });
}

async function runCheck(file: string, { publicKey, json }: DrillCommandOptions, terminal: Terminal): Promise<number> {
  const text = await readText('--check', file);
  const key = publicKey === undefined ? undefined : await readText('--public-key', publicKey);
  const checked = checkCertificate(text, key === undefined ? {} : { publicKey: key });
  if (json) printJson(terminal, { event: 'checked', ...checked });
  else printChecked(terminal, checked);
  return exitCodeOf(checked.certificate);
}

function exitCodeOf({ verdict }: Certificate): number {
  return { PASS: exitCodes.done, FAIL: exitCodes.found, INCONCLUSIVE: exitCodes.unjudged }[verdict];
}

/** What is no key is refused by what reads the key, which never repeats it. */
async function readText(option: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CliError('INVALID_OPTIONS', `Expected ${option} to name a file that can be read: ${reason}.`, { cause });
  }
}
