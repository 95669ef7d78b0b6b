import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  errnoOf,
  livenessOf,
  makeDirectoryDurable,
  nodeFileSystem,
  type ProcessIdentity,
  thisProcess,
} from '@ceres/internal';
import { RestoreError } from '../errors';

/** How often an owner shows that it lives, and how long it is given to. */
const beatMs = 1_000;
const watchedMs = 5_000;

/**
 * One restore at a time goes on with a journal: two would each replay what the other has overwritten.
 *
 * Everyone who wants the journal puts a file of its own beside it, `<journal>.lock-<token>`, and then looks for others: of two at
 * once at least one sees the other, and withdraws. Files of processes that are gone are removed; where a process cannot be
 * seen from here, the modification time of its file tells.
 */
export class JournalLock {
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;

  private constructor(path: string, onLost: (error: RestoreError) => void) {
    this.#path = path;
    this.#timer = setInterval(() => this.#beat(onLost), beatMs);
    this.#timer.unref();
  }

  /**
   * @param onLost called if somebody took this process for dead, as after a long suspension: it must stop
   * @throws RestoreError `JOURNAL_MISMATCH`, naming the owner
   */
  static async take(path: string, onLost: (error: RestoreError) => void): Promise<JournalLock> {
    const journal = resolve(path);
    const own = `${journal}.lock-${randomUUID()}`;
    try {
      await makeDirectoryDurable(nodeFileSystem, dirname(journal));
      await writeFile(own, JSON.stringify(thisProcess()), { flag: 'wx' });
    } catch (error) {
      throw fault(journal, `cannot be locked (${(error as Error).message}). Give one that can be written`, error);
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

  #beat(onLost: (error: RestoreError) => void): void {
    const now = new Date();
    utimes(this.#path, now, now).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') return; // a disk that fails for a while: the journal itself will tell
      clearInterval(this.#timer);
      onLost(
        fault(this.#path, 'was removed: another process goes on with that journal, or somebody deleted it', error),
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
  if (liveness === 'alive' || (liveness !== 'dead' && (await isBeating(path)))) {
    const who = owner === undefined ? 'another process' : `pid ${owner.pid} on host ${owner.host}`;
    throw fault(journal, `is in use by ${who}. Wait for it, or stop it`);
  }
  await rm(path, { force: true });
}

/** `undefined` of a file that is being written, or was left half-written by a crash of the host. */
async function readOwner(path: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity;
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function isBeating(path: string): Promise<boolean> {
  const before = await modifiedMs(path);
  for (let waitedMs = 0; waitedMs < watchedMs && before !== undefined; waitedMs += beatMs) {
    await delay(beatMs);
    const now = await modifiedMs(path);
    if (now === undefined) return false;
    if (now !== before) return true;
  }
  return false;
}

/** `undefined` once it is gone. */
async function modifiedMs(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function fault(path: string, what: string, cause?: unknown): RestoreError {
  return new RestoreError('JOURNAL_MISMATCH', `The journal ${path} ${what}.`, { cause });
}
