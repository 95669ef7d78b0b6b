import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { remedyOf, writeAll } from '@ceres/internal';
import type { TsmFileSink } from '@ceres/tsm';
import { RestoreError } from '../../errors';

/** A file in the scratch folder: data, which can go to another thread. */
export interface ScratchFile {
  /** What it is called in the end. */
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** The folder for sorted runs and for the files of compiled shards. It is removed with all that it holds. */
export class ScratchFolder {
  readonly path: string;
  readonly #open = new Set<FileHandle>();
  #files = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws RestoreError `SCRATCH_FULL` */
  static async create(scratchDir: string): Promise<ScratchFolder> {
    const folder = resolve(scratchDir);
    return new ScratchFolder(await orFull(folder, () => mkdtemp(join(folder, 'ceres-compile-'))));
  }

  /**
   * Begins a file.
   *
   * @param name what it is called in the end
   * @param onEnd takes the file once it is complete
   * @throws RestoreError `SCRATCH_FULL` from here and from each write
   */
  async begin(name: string, onEnd: (file: ScratchFile) => void): Promise<TsmFileSink> {
    this.#files += 1;
    const folder = this.path;
    const path = join(folder, String(this.#files));
    const handle: FileHandle = await orFull(folder, () => open(path, 'wx'));
    this.#open.add(handle);
    let sizeBytes = 0;
    return {
      write: async (bytes) => {
        await orFull(folder, () => writeAll(handle, bytes));
        sizeBytes += bytes.length;
      },
      end: async () => {
        this.#open.delete(handle);
        await handle.close();
        onEnd({ name, path, sizeBytes });
      },
    };
  }

  async remove(): Promise<void> {
    for (const handle of this.#open) await handle.close();
    await rm(this.path, { recursive: true, force: true });
  }
}

async function orFull<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const problem = `The scratch folder ${folder} cannot be written (${(error as Error).message}).`;
    const todo = `${remedyOf(error)}, or choose another folder with scratchDir (--scratch-dir).`;
    throw new RestoreError('SCRATCH_FULL', `${problem} ${todo}`, { cause: error });
  }
}
