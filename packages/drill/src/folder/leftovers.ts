import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { identityOf, ifExists, type Liveness, livenessOf, type ProcessIdentity } from '@ceres/internal';
import { ownerFile } from './drill-folder';

/** What earlier drills have left. */
export interface Leftovers {
  /** The folders that were removed, since their drills are dead. */
  readonly removed: readonly string[];
  /** The folders of which it cannot be seen from here whether their drills still run: of another container, or of before a restart of the machine. */
  readonly kept: readonly string[];
}

const namePattern = /^ceres-drill-(\d+)-(\d+)-[0-9a-f]{8}$/;

/**
 * Removes the folders of drills that were killed together with their guard, and ends the servers that still run in them. Only what certainly belongs to a dead
 * drill is touched: a folder with such a name and such an owner, and a process whose configuration lies in that folder.
 */
export async function removeLeftovers(parent: string): Promise<Leftovers> {
  const removed: string[] = [];
  const kept: string[] = [];
  // A folder that cannot be read is refused by what makes the drill's own in it.
  for (const name of await readdir(resolve(parent)).catch(() => [])) {
    const [, pid, ticks] = namePattern.exec(name) ?? [];
    if (pid === undefined) continue;
    const folder = join(resolve(parent), name);
    const owner = await ownerOf(folder);
    if (owner === undefined) {
      // A moment old, or cut short: nothing can be there but the folder, and a name of its owner that is cut off.
      const isAlive = identityOf(Number(pid)).startedTicks === ticks;
      if (!isAlive && (await removeIfBarren(folder))) removed.push(folder);
      continue;
    }
    const liveness: Liveness = livenessOf(owner);
    if (liveness === 'dead') {
      await endServersOf(folder);
      for (const part of ['server', 'work']) await rm(join(folder, part), { recursive: true, force: true });
      await removeIfBarren(folder);
      removed.push(folder);
    } else if (liveness !== 'alive') kept.push(folder);
  }
  return { removed, kept };
}

/** Returns the owner that a drill's folder names; `undefined` if it names none. */
async function ownerOf(folder: string): Promise<ProcessIdentity | undefined> {
  try {
    const text = await ifExists(readFile(join(folder, ownerFile), 'utf8'));
    if (text === undefined) return undefined;
    const { ceresDrill, owner } = JSON.parse(text) as { ceresDrill?: unknown; owner?: ProcessIdentity };
    return ceresDrill === 1 && typeof owner?.pid === 'number' ? owner : undefined;
  } catch {
    return undefined; // not ours to read, or not of a drill
  }
}

/** Removes a folder that holds no more than the name of its owner. */
async function removeIfBarren(folder: string): Promise<boolean> {
  try {
    if ((await readdir(folder)).some((name) => name !== ownerFile)) return false;
    await rm(join(folder, ownerFile), { force: true });
    await rmdir(folder);
    return true;
  } catch {
    return false; // its guard removes it at the same time, or it is not ours
  }
}

/** Kills the servers that were started with the configuration in this folder, and waits until they are gone. */
async function endServersOf(folder: string): Promise<void> {
  const config = join(folder, 'server', 'influxd.conf');
  const pids = ((await ifExists(readdir('/proc'))) ?? []).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
    // The guard's own words hold it, too; it ends with the server.
    if (words.at(-2) !== config || words[1] !== 'run') continue;
    const server = identityOf(Number(pid));
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      continue; // it has just ended, or is another user's
    }
    while (livenessOf(server) === 'alive') await new Promise((next) => setTimeout(next, 5));
  }
}
