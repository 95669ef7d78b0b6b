import { type BackupStatus, backupStatus, type InstanceStatus, type StatusOptions } from '@ceres/restore';
import { exitCodes } from '../../exit-codes';
import { openStorage } from '../../options/storage-url';
import { onlyGiven } from '../../options/values';
import { afterStatus } from '../../output/next/after-status';
import { printNext } from '../../output/next/next-command';
import { printStatus } from '../../output/results/look/status';
import { printError, printJson, type Terminal } from '../../terminal';
import { type DrillStatus, drillStatus } from '../recover/forecast';

export interface StatusCommandOptions {
  readonly instance?: string;
  readonly keep?: number;
  readonly retired?: readonly string[];
  readonly accept?: readonly string[];
  readonly certificates?: URL;
  readonly json?: true;
}

export async function runStatus(url: URL, given: StatusCommandOptions, terminal: Terminal): Promise<number> {
  const { instance, keep, retired, accept, json } = given;
  const storage = await openStorage(url, terminal);
  const options = { storage, instance, keepMs: keep, retired, accept, signal: terminal.signal };
  const status = await backupStatus(onlyGiven<StatusOptions>(options));
  const drills = new Map<string, DrillStatus>();
  for (const one of status.instances) {
    drills.set(one.instance, await drillStatus(given.certificates ?? url, one, terminal));
  }
  if (json) for (const one of status.instances) printJson(terminal, withDrills(one, drills.get(one.instance)));
  else {
    printStatus(terminal, status, { nowMs: Date.now(), drills });
    printNext(terminal, ...afterStatus(terminal, status));
  }
  warn(terminal, status, url);
  return status.isGood ? exitCodes.done : exitCodes.found;
}

/** Adds the forecast, and of the last drill what a program asks for; its certificate has the rest. */
function withDrills(status: InstanceStatus, drills: DrillStatus | undefined): object {
  const { last, forecast } = drills ?? {};
  if (last === undefined) return { ...status, forecast };
  const { id, verdict, began, restored } = last;
  return { ...status, forecast, lastDrill: { id, verdict, began, isWhole: restored.sample === null } };
}

function warn(terminal: Terminal, { instances, unused }: BackupStatus, url: URL): void {
  if (instances.length === 0) printError(terminal, `Found no file of a backup in ${url}.`);
  for (const name of unused) printError(terminal, `Nothing has the name ${name} that was given to accept or retire.`);
}
