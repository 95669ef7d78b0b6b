import { type BackupStatus, backupStatus, type StatusOptions } from '@ceres/restore';
import { exitCodes } from '../exit-codes';
import { openStorage } from '../options/storage-url';
import { onlyGiven } from '../options/values';
import { afterStatus } from '../output/next/after-status';
import { printNext } from '../output/next/next-command';
import { printStatus } from '../output/results/status';
import { printError, printJson, type Terminal } from '../terminal';

export interface StatusCommandOptions {
  readonly instance?: string;
  readonly keep?: number;
  readonly retired?: readonly string[];
  readonly accept?: readonly string[];
  readonly json?: true;
}

export async function runStatus(url: URL, given: StatusCommandOptions, terminal: Terminal): Promise<number> {
  const { instance, keep, retired, accept, json } = given;
  const storage = await openStorage(url, terminal);
  const options = { storage, instance, keepMs: keep, retired, accept, signal: terminal.signal };
  const status = await backupStatus(onlyGiven<StatusOptions>(options));
  if (json) for (const one of status.instances) printJson(terminal, one);
  else {
    printStatus(terminal, status, Date.now());
    printNext(terminal, ...afterStatus(terminal, status));
  }
  warn(terminal, status, url);
  return status.isGood ? exitCodes.done : exitCodes.found;
}

function warn(terminal: Terminal, { instances, unused }: BackupStatus, url: URL): void {
  if (instances.length === 0) printError(terminal, `Found no file of a backup in ${url}.`);
  for (const name of unused) printError(terminal, `Nothing has the name ${name} that was given to accept or retire.`);
}
