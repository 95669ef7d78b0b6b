import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeFolder, makeFoldersBelow } from './durable-folders';

/**
 * A folder that a restore writes into, on the volume that it was on at the start. If that volume is unmounted, nothing is left on the
 * disk below it, where no one would look for it.
 */
export class VolumeFolder {
  readonly path: string;
  readonly #device: number;

  private constructor(path: string, device: number) {
    this.path = path;
    this.#device = device;
  }

  /**
   * Creates the folder if it is missing, and checks that a file can be made in it.
   *
   * @throws the file system's error
   */
  static async open(path: string): Promise<VolumeFolder> {
    const folder = resolve(path);
    await makeFolder(folder);
    const probe = join(folder, '.writable');
    const handle = await open(probe, 'w');
    try {
      return new VolumeFolder(folder, (await handle.stat()).dev);
    } finally {
      await handle.close();
      await rm(probe, { force: true }); // shards of one plan share the folder, and so the probe
    }
  }

  /**
   * Opens an empty file in the folder, or in one below it, which is created. It asks the open file where it lies: a path may lead to
   * another disk by the time it is looked at.
   *
   * @throws the file system's error: `ENOENT` if the folder is gone, `ENODEV` if it is on another volume now
   */
  async create(path: string): Promise<FileHandle> {
    await makeFoldersBelow(this.path, dirname(path));
    const handle = await open(path, 'w');
    if ((await handle.stat()).dev === this.#device) return handle;
    await handle.close();
    await rm(path, { force: true });
    const message = 'ENODEV: its volume was unmounted or replaced while the restore ran';
    throw Object.assign(new Error(message), { code: 'ENODEV', errno: -19, path });
  }
}
