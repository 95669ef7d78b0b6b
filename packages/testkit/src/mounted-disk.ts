import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The real file systems that a test can mount: one in memory, one on a loop device, and one in user space that has no hard links
 * (packages exfatprogs and exfat-fuse).
 */
export type DiskKind = 'tmpfs' | 'ext4' | 'exfat';

export interface MountedDiskOptions {
  readonly kind: DiskKind;
  readonly sizeBytes: number;
  /** The most files and directories; on tmpfs every hard link counts as one more. Default: the file system's own. */
  readonly inodesMax?: number;
  /** The features of `mkfs.ext4 -O`, such as `^has_journal`. */
  readonly features?: string;
}

/** A small file system that is mounted for a test, which can really fill it, or take it away. */
export interface MountedDisk {
  /** The directory that it is mounted on. */
  readonly path: string;
  /** Takes it away while files on it are open (`umount -l`): from now on the path leads to the disk below. */
  detach(): Promise<void>;
  /** Unmounts it even while files are open, and removes what was made for it. May be called again. */
  remove(): Promise<void>;
}

/** Mounts a small file system below the directory for temporary files. Needs root. */
export async function mountDisk({ kind, sizeBytes, inodesMax, features }: MountedDiskOptions): Promise<MountedDisk> {
  const directory = await mkdtemp(join(tmpdir(), `ceres-${kind}-`));
  const path = join(directory, 'disk');
  const image = join(directory, 'image');
  await mkdir(path);
  try {
    if (kind === 'tmpfs') {
      const inodes = inodesMax === undefined ? '' : `,nr_inodes=${inodesMax}`;
      await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}${inodes}`, 'ceres-test', path]);
    } else if (kind === 'exfat') {
      await makeImage(image, sizeBytes);
      await run('mkfs.exfat', [image]);
      const { stdout } = await run('losetup', ['--find', '--show', image]);
      const device = stdout.trim();
      // Once it is mounted, the kernel detaches the loop device with the last that uses it.
      await run('mount.exfat-fuse', [device, path]).finally(() => run('losetup', ['--detach', device]));
    } else {
      await makeImage(image, sizeBytes);
      const inodes = inodesMax === undefined ? [] : ['-N', String(inodesMax)];
      const given = features === undefined ? [] : ['-O', features];
      // Without reserved blocks: root may use those, and would find room on a full disk.
      await run('mkfs.ext4', ['-q', '-F', '-m', '0', '-E', 'lazy_itable_init=0', ...inodes, ...given, image]);
      await run('mount', ['-o', 'loop', image, path]);
    }
  } catch (error) {
    await rm(directory, { recursive: true });
    throw error;
  }
  let isMounted = true;
  return {
    path,
    detach: async () => {
      isMounted = false;
      await run('umount', ['-l', path]);
    },
    remove: async () => {
      if (isMounted) await unmount(path);
      isMounted = false;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function makeImage(path: string, sizeBytes: number): Promise<void> {
  const file = await open(path, 'wx');
  await file.truncate(sizeBytes).finally(() => file.close());
}

/** Returns why this machine cannot mount such a disk; `undefined` if it can. */
export async function mountObstacle(kind: DiskKind): Promise<string | undefined> {
  try {
    const disk = await mountDisk({ kind, sizeBytes: 4 * 1024 * 1024 });
    await disk.remove();
    return undefined;
  } catch (error) {
    const reason = `cannot mount ${kind} here, which needs root and its tools: ${(error as Error).message.trim().split('\n').at(-1)}`;
    console.warn(`SKIPPED: ${reason}`);
    return reason;
  }
}

/** Unmounts at once if it can, and otherwise as soon as the last open file is closed. */
async function unmount(path: string): Promise<void> {
  try {
    await run('umount', [path]);
  } catch {
    await run('umount', ['-l', path]);
  }
}
