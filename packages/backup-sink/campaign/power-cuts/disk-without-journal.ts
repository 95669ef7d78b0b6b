import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);
const MiB = 1024 * 1024;
/** How often a file system that is busy is unmounted, ten times a second. */
const unmountLooksMax = 100;

/** What a power cut left of the disk, after fsck and mounted. */
export interface CutDisk {
  readonly path: string;
  /** The number of files without a name that fsck found. */
  readonly orphans: number;
}

/**
 * An ext4 file system without a journal whose power can be cut at any moment, while it is written to. Its image is a file on btrfs, so that
 * a copy of it takes no time: the copy is what a disk would hold after a power cut. The loop device does direct I/O, so that the image
 * holds what the file system has written and nothing that is only in memory.
 */
export class DiskWithoutJournal {
  readonly path: string;
  readonly #directory: string;
  readonly #images: string;
  /** What undoes each step so far, in order. */
  readonly #undo: (() => Promise<unknown>)[] = [];
  #cuts = 0;

  private constructor(directory: string) {
    this.#directory = directory;
    this.#images = join(directory, 'images');
    this.path = join(directory, 'disk');
  }

  /** Needs root, loop devices, mkfs.ext4, and mkfs.btrfs (package btrfs-progs). */
  static async mount(): Promise<DiskWithoutJournal> {
    const disk = new DiskWithoutJournal(await mkdtemp(join(tmpdir(), 'ceres-power-')));
    try {
      await disk.#mount();
      return disk;
    } catch (error) {
      await disk.remove();
      throw error;
    }
  }

  /** Cuts the power, and resolves with what is left. The original goes on. */
  async cut(): Promise<string> {
    this.#cuts += 1;
    const image = join(this.#images, `cut-${this.#cuts}`);
    await execute('cp', ['--reflink=always', join(this.#images, 'disk'), image]);
    return image;
  }

  /** Repairs and mounts what a cut left, for as long as `work` takes, and removes it. */
  async inspect<T>(image: string, work: (disk: CutDisk) => Promise<T>): Promise<T> {
    await fsck(image);
    const path = join(this.#directory, 'cut');
    await mkdir(path, { recursive: true });
    await execute('mount', ['-o', 'loop', image, path]);
    try {
      const orphans = (await readdir(join(path, 'lost+found'))).length;
      return await work({ path, orphans });
    } finally {
      await unmount(path);
      await rm(image);
    }
  }

  async remove(): Promise<void> {
    for (const undo of this.#undo.toReversed()) await undo();
    await rm(this.#directory, { recursive: true });
  }

  async #mount(): Promise<void> {
    const memory = join(this.#directory, 'memory'); // a disk would wait for each of the many fsyncs
    await mkdir(memory);
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=768m', 'ceres-power', memory]);
    this.#undo.push(() => unmount(memory));
    const btrfs = join(memory, 'btrfs');
    await makeImage(btrfs, 640 * MiB);
    await execute('mkfs.btrfs', ['-q', btrfs]);
    await mkdir(this.#images);
    await execute('mount', ['-o', 'loop', btrfs, this.#images]);
    this.#undo.push(() => unmount(this.#images));

    const image = join(this.#images, 'disk');
    await makeImage(image, 96 * MiB);
    await execute('mkfs.ext4', ['-q', '-F', '-O', '^has_journal', image]);
    const { stdout } = await execute('losetup', ['--direct-io=on', '--find', '--show', image]);
    const device = stdout.trim();
    this.#undo.push(() => execute('losetup', ['--detach', device]));
    await mkdir(this.path);
    await execute('mount', [device, this.path]);
    this.#undo.push(() => unmount(this.path));
  }
}

/** Unmounts, and waits while it is busy: the kernel lets go of the image of a loop device some time after the device was detached. */
async function unmount(path: string): Promise<void> {
  for (let looks = 0; ; looks += 1) {
    try {
      await execute('umount', [path]);
      return;
    } catch (error) {
      if (looks === unmountLooksMax || !String(error).includes('busy')) throw error;
    }
    await pause(100);
  }
}

async function makeImage(path: string, sizeBytes: number): Promise<void> {
  const file = await open(path, 'wx');
  await file.truncate(sizeBytes).finally(() => file.close());
}

/** Exit codes 1 and 2 say that it repaired something. */
async function fsck(image: string): Promise<void> {
  try {
    await execute('e2fsck', ['-fy', image], { maxBuffer: 64 * MiB });
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 1 && code !== 2) throw error;
  }
}
