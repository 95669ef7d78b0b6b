import { randomUUID } from 'node:crypto';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errnoOf, remedyOf, thisProcess } from '@ceres/internal';
import { DrillError } from '../errors';

/** Names the owner of a folder, and marks it as a drill's. It is the last file that is removed. */
export const ownerFile = 'drill.json';

/** The folder of one drill: `server` has the throwaway server, and `work` the rest. */
export class DrillFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  get server(): string {
    return join(this.path, 'server');
  }

  get work(): string {
    return join(this.path, 'work');
  }

  /**
   * Makes a folder that others of this machine cannot read. Its name has the process that owns it, so that no moment leaves one of which the owner is
   * not known.
   *
   * @throws DrillError `WORK_FOLDER`
   */
  static async make(parent: string): Promise<DrillFolder> {
    const { pid, startedTicks = '0' } = thisProcess();
    const folder = new DrillFolder(
      join(resolve(parent), `ceres-drill-${pid}-${startedTicks}-${randomUUID().slice(0, 8)}`),
    );
    try {
      await mkdir(resolve(parent), { recursive: true });
      await folder.restore();
    } catch (error) {
      throw unusable(parent, error);
    }
    return folder;
  }

  /** Makes the folder with its owner, if it is not there. */
  async restore(): Promise<void> {
    await mkdir(this.path, { recursive: true, mode: 0o700 });
    await writeFile(join(this.path, ownerFile), JSON.stringify({ ceresDrill: 1, owner: thisProcess() }), {
      mode: 0o600,
    });
    await mkdir(this.work, { recursive: true, mode: 0o700 });
  }

  /** Removes all of it, the name of its owner last: a removal that is cut short is finished by the next drill. */
  async remove(): Promise<void> {
    for (const folder of [this.server, this.work]) await rm(folder, { recursive: true, force: true });
    await rm(join(this.path, ownerFile), { force: true });
    await rmdir(this.path).catch((error: unknown) => {
      if (errnoOf(error) !== 'ENOENT') throw error;
    });
  }
}

function unusable(path: string, cause: unknown): DrillError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const todo = `${remedyOf(cause)}, or choose another folder with workDir (--work-dir)`;
  return new DrillError('WORK_FOLDER', `The folder ${path} cannot be used (${reason}). ${todo}.`, { cause });
}
