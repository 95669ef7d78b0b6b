import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  errnoOf,
  ifExists,
  lacksHardLinks,
  livenessOf,
  type ProcessIdentity,
  remedyOf,
  thisProcess,
} from '@ceres/internal';
import { SeedError } from '../errors';

const lockName = 'lock';

/** The folder in which a seed works, and which one process at a time owns. */
export class WorkFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  get journal(): string {
    return join(this.path, 'journal');
  }

  /** Returns where a file is packed. */
  packed(id: string): string {
    return join(this.path, `${id}.gz`);
  }

  /**
   * Takes the folder, makes it if it is missing, and removes what an earlier run has left there but for its journal.
   *
   * @throws SeedError `WORK_FOLDER`
   */
  static async take(path: string): Promise<WorkFolder> {
    const folder = new WorkFolder(resolve(path));
    try {
      await mkdir(folder.path, { recursive: true });
      await folder.#lock();
      for (const name of await readdir(folder.path)) {
        if (/\.(?:gz|tmp)$/.test(name)) await rm(join(folder.path, name), { force: true });
      }
    } catch (error) {
      throw error instanceof SeedError ? error : unusable(folder.path, error);
    }
    return folder;
  }

  async release(): Promise<void> {
    await rm(join(this.path, lockName), { force: true });
  }

  /** Removes the folder if nothing is in it: no seed has begun. */
  async removeIfEmpty(): Promise<void> {
    if ((await ifExists(readdir(this.path)))?.length === 0) await rmdir(this.path);
  }

  async #lock(): Promise<void> {
    const path = join(this.path, lockName);
    for (;;) {
      if (await createWhole(path, JSON.stringify(thisProcess()))) return;
      const owner = await readOwner(path);
      if (owner === undefined || livenessOf(owner) !== 'dead') throw inUse(this.path, path, owner);
      await rm(path, { force: true });
    }
  }
}

/** Creates a file that is never seen without its content. Resolves with false if there is one. */
async function createWhole(path: string, content: string): Promise<boolean> {
  const temporary = `${path}-${randomUUID()}.tmp`;
  await writeFile(temporary, content, { flag: 'wx' });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    if (!lacksHardLinks(error)) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  try {
    await writeFile(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Returns the owner of a lock; `undefined` if it is gone or cannot be read. */
async function readOwner(path: string): Promise<ProcessIdentity | undefined> {
  try {
    const text = await ifExists(readFile(path, 'utf8'));
    return text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function inUse(folder: string, lock: string, owner: ProcessIdentity | undefined): SeedError {
  const who = owner === undefined ? 'another process' : `pid ${owner.pid} on host ${owner.host}`;
  return new SeedError(
    'WORK_FOLDER',
    `The work folder ${folder} is in use by ${who}. Wait for that process, or stop it; if it is gone for good, remove ${lock}.`,
  );
}

function unusable(path: string, cause: unknown): SeedError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SeedError(
    'WORK_FOLDER',
    `The work folder ${path} cannot be used (${reason}). ${remedyOf(cause)}, or choose another folder with workDir (--work-dir).`,
    { cause },
  );
}
