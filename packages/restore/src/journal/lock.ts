import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errnoOf, ifExists, livenessOf, type ProcessIdentity, remedyOf, thisProcess } from '@ceres/internal';
import { RestoreError } from '../errors';
import { makeFolder } from './durable-folders';

/** An owner renews its lock this often … */
const renewMs = 1_000;
/** … and is dead if it did not renew it for this long. */
const watchMs = 5_000;

/**
 * Lets only one restore at a time use a journal: two would each replay what the other has overwritten.
 *
 * Every process that wants the journal creates a file of its own beside it, `<journal>.lock-<token>`, and then looks for
 * others: if two do so at once, at least one of them sees the other and withdraws. The files of dead processes are
 * removed. A process that cannot be seen from here is alive if it renews the modification time of its file.
 */
export class JournalLock {
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(path: string, onLost: (error: RestoreError) => void) {
    this.#path = path;
    this.#timer = setInterval(() => this.#renew(onLost), renewMs);
    this.#timer.unref();
  }

  /**
   * @param onLost called if another process considered this one dead, as after a long suspension: this one must stop
   * @throws RestoreError `JOURNAL_MISMATCH`, naming the owner
   */
  static async take(path: string, onLost: (error: RestoreError) => void): Promise<JournalLock> {
    const journal = resolve(path);
    const own = `${journal}.lock-${randomUUID()}`;
    try {
      await makeFolder(dirname(journal));
      await writeFile(own, JSON.stringify(thisProcess()), { flag: 'wx' });
    } catch (error) {
      const what = `cannot be locked (${(error as Error).message})`;
      throw fault(
        journal,
        `${what}. ${remedyOf(error)}, or choose another file with journalFile (--journal-file)`,
        error,
      );
    }
    const lock = new JournalLock(own, onLost);
    try {
      for (const other of await othersOf(journal, own)) await removeIfDead(journal, other);
      return lock;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async release(): Promise<void> {
    clearInterval(this.#timer);
    await rm(this.#path, { force: true });
  }

  #renew(onLost: (error: RestoreError) => void): void {
    const now = new Date();
    utimes(this.#path, now, now).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') return; // a disk that fails for a while: writing the journal reports it
      clearInterval(this.#timer);
      onLost(
        fault(
          this.#path,
          'was removed: another process uses that journal, someone deleted the lock, or its volume was unmounted',
          error,
        ),
      );
    });
  }
}

async function othersOf(journal: string, own: string): Promise<string[]> {
  const folder = dirname(journal);
  const names = await readdir(folder);
  return names
    .filter((name) => name.startsWith(`${basename(journal)}.lock-`))
    .map((name) => join(folder, name))
    .filter((path) => path !== own);
}

async function removeIfDead(journal: string, path: string): Promise<void> {
  const owner = await readOwner(path);
  const liveness = owner === undefined ? 'unknown' : livenessOf(owner);
  if (liveness === 'alive' || (liveness !== 'dead' && (await isRenewed(path)))) {
    const who = owner === undefined ? 'another process' : `pid ${owner.pid} on host ${owner.host}`;
    throw fault(journal, `is in use by ${who}. Wait for that process, or stop it`);
  }
  await rm(path, { force: true });
}

/** Returns a lock's owner; `undefined` while the file is being written, or if a crash of the host left it half-written. */
async function readOwner(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Returns whether a lock is renewed while this process watches it. */
async function isRenewed(path: string): Promise<boolean> {
  const before = await modifiedMs(path);
  for (let waitedMs = 0; waitedMs < watchMs && before !== undefined; waitedMs += renewMs) {
    await delay(renewMs);
    const now = await modifiedMs(path);
    if (now === undefined) return false;
    if (now !== before) return true;
  }
  return false;
}

/** Returns when a file was last modified; `undefined` once it is gone. */
async function modifiedMs(path: string): Promise<number | undefined> {
  return (await ifExists(stat(path)))?.mtimeMs;
}

function fault(path: string, what: string, cause?: unknown): RestoreError {
  return new RestoreError('JOURNAL_MISMATCH', `The journal ${path} ${what}.`, { cause });
}
