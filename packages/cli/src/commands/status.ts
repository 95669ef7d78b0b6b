import { type BackupStatus, backupStatus, type StatusOptions } from '@ceres/restore';
import type { Command } from 'commander';
import { exitCodes } from '../exit-codes';
import { withKnownLosses } from '../options/selection';
import { openStorage, withStorage } from '../options/storage-url';
import { collect, onlyGiven } from '../options/values';
import { printStatus } from '../output/status';
import { printError, printJson, type Terminal } from '../terminal';

interface Options {
  readonly instance?: string;
  readonly keep?: number;
  readonly retired?: readonly string[];
  readonly accept?: readonly string[];
  readonly json?: true;
}

export function addStatus(program: Command, terminal: Terminal, end: (exitCode: number) => void): void {
  const command = program
    .command('status')
    .description(
      'Says whether the backup is there, up to when, and what of it is missing. Reads names, ledgers, and headers of files that no ledger names.',
    )
    .addHelpText('after', examples);
  withKnownLosses(withStorage(command))
    .option('--instance <name>', 'only this instance')
    .option('--accept <finding>', 'this finding is known (repeatable)', collect)
    .option('--json', 'print one JSON object per line, one for each instance')
    .action(async (url: URL, { instance, keep, retired, accept, json }: Options) => {
      const storage = await openStorage(url, terminal);
      const options = { storage, instance, keepMs: keep, retired, accept, signal: terminal.signal };
      const status = await backupStatus(onlyGiven<StatusOptions>(options));
      if (json) for (const one of status.instances) printJson(terminal, one);
      else printStatus(terminal, status, Date.now());
      warn(terminal, status, url);
      if (!status.isGood) end(exitCodes.found);
    });
}

function warn(terminal: Terminal, { instances, unused }: BackupStatus, url: URL): void {
  if (instances.length === 0) printError(terminal, `Found no file of a backup in ${url}.`);
  for (const name of unused) printError(terminal, `Nothing has the name ${name} that was given to accept or retire.`);
}

const examples = `
Examples:
  ceres status gs://my-bucket
  ceres status gs://my-bucket --instance influxdb-0 --keep 90d`;
