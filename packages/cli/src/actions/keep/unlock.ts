import { resolve } from 'node:path';
import { inspectLock, type SpoolLockReport, type SpoolOwner, unlockSpool } from '@ceres/backup-sink/internal';
import { exitCodes } from '../../exit-codes';
import { confirmHost } from '../../output/questions/confirm-host';
import { paint, print, printError, printJson, type Terminal } from '../../terminal';

export interface UnlockOptions {
  readonly yes?: true;
  readonly json?: true;
}

export async function runUnlock(given: string, options: UnlockOptions, terminal: Terminal): Promise<number> {
  const spoolDir = resolve(given);
  const report = await saying(terminal, spoolDir, inspectLock(spoolDir, { signal: terminal.signal }));
  if (!options.json) printOwner(terminal, spoolDir, report);
  const { owner } = report;
  const isWanted = owner !== undefined && (await isConfirmed(terminal, owner, options));
  if (isWanted) await unlockSpool(spoolDir, owner.token);
  if (options.json) printJson(terminal, { spoolDir, ...toJson(report), unlocked: isWanted });
  else if (isWanted) print(terminal, `Unlocked ${spoolDir}. The next sink opens it and stores what it holds.`);
  if (owner === undefined || isWanted) return exitCodes.done;
  printError(terminal, 'Nothing was touched.');
  return exitCodes.failed;
}

/** Says why nothing is printed for some seconds, if it takes any. */
async function saying<T>(terminal: Terminal, spoolDir: string, watch: Promise<T>): Promise<T> {
  const text = `Watching whether the owner of ${spoolDir} renews its lease: this takes up to 8 seconds.`;
  const timer = setTimeout(() => printError(terminal, text), quietMs);
  try {
    return await watch;
  } finally {
    clearTimeout(timer);
  }
}

/** Everything but a watch ends before this. */
const quietMs = 500;

const stateTexts: Readonly<Record<SpoolOwner['state'], string>> = {
  running: 'it runs on this host',
  ended: 'it has ended',
  renewing: 'it cannot be seen from here, but it renewed its lease while it was watched: it runs',
  silent: 'it cannot be seen from here, and it did not renew its lease while it was watched',
};

function printOwner(terminal: Terminal, spoolDir: string, { owner, fileSystem, isLocal }: SpoolLockReport): void {
  if (owner === undefined) {
    print(terminal, `The spool ${spoolDir} has no owner: any sink can open it.`);
    return;
  }
  const { pid, host, sinceMs, state } = owner;
  print(terminal, `The spool ${spoolDir} has an owner:`);
  const rows = [
    ['process', `pid ${pid} on host ${host}`],
    ['since', new Date(sinceMs).toISOString()],
    ['known of it', stateTexts[state]],
    ['file system', isLocal ? fileSystem : `${fileSystem}; other hosts may share it`],
  ];
  for (const [name = '', value] of rows) print(terminal, `  ${name.padEnd(11)}  ${value}`);
}

/** Asks, unless the owner has certainly ended: then the next sink would take the spool over as well. */
async function isConfirmed(terminal: Terminal, { host, state }: SpoolOwner, { yes }: UnlockOptions): Promise<boolean> {
  if (yes || state === 'ended') return true;
  const isAlive = state !== 'silent';
  const warning = isAlive
    ? 'That process runs. It loses its spool, and acks no write from then on. Stop it instead, if you can.'
    : 'If that process runs after all, it loses its spool, and acks no write from then on.';
  printError(terminal, paint(terminal, 'stderr', isAlive ? 'red' : 'yellow', warning));
  return await confirmHost(terminal, host, 'unlock');
}

function toJson({ owner, fileSystem, isLocal }: SpoolLockReport): object {
  if (owner === undefined) return { owner: null, fileSystem, isLocal };
  const { host, pid, sinceMs, state } = owner;
  return { owner: { host, pid, since: new Date(sinceMs).toISOString(), state }, fileSystem, isLocal };
}
