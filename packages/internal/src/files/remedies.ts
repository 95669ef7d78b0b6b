import { errnoOf } from './durable-files';

/**
 * What an operator can do about each error of a file system, as a sentence without its full stop. Only `ENOSPC` and `EDQUOT` are a full
 * disk, and only `EIO` and its like a broken one.
 *
 * Source of the meanings: errno(3), and the pages of the calls that Ceres makes: open, mkdir, link, rename, unlink, write, fsync.
 */
const remedies: Readonly<Record<string, string>> = {
  EACCES: 'Give the user of this process the right to read and write that directory, and to traverse those above it',
  EPERM: 'Check who owns the file, whether it is immutable (lsattr), and what a security policy of the host forbids',
  EROFS: 'Mount the file system read-write; if the kernel made it read-only, see its log for the reason',
  ENOSPC: 'Free some space (df) or inodes (df -i), or use a larger disk',
  EDQUOT: 'Free some space, or raise the quota of this user',
  EFBIG: 'Raise the limit on the size of a file (ulimit -f), or use a file system that holds larger files',
  EMFILE: 'Raise the limit on open files of this process (ulimit -n)',
  ENFILE: 'Raise the limit on open files of this host (sysctl fs.file-max)',
  ENOMEM: 'Give the process more memory',
  ENOENT: 'Check that the directory is still there and that its volume is mounted, then try again',
  ENOTDIR: 'Give the path of a directory: a part of this one is a file',
  EISDIR: 'Give the path of a file: this one is a directory',
  EEXIST: 'Give another path, or move away what is there',
  ENOTEMPTY: 'Move away what the directory holds',
  EBUSY: 'Unmount what is mounted there, or stop the process that uses it',
  ENAMETOOLONG: 'Use a shorter path for the directory, or shorter names',
  ELOOP: 'Remove the symbolic links that lead to each other',
  EXDEV: 'Keep the whole directory on one file system',
  EMLINK: 'Use a file system that allows more hard links and subdirectories',
  EINVAL: 'Use a local file system: this one does not support the call',
  ENOSYS: 'Use a local file system: this one does not support the call',
  ENOTSUP: 'Use a local file system: this one does not support the call',
  EOPNOTSUPP: 'Use a local file system: this one does not support the call',
  ESTALE: 'Mount the network file system again',
  ENOTCONN: 'Mount the file system again: the process that serves it has ended',
  ETIMEDOUT: 'Check the server of the network file system, and the way to it',
  EHOSTDOWN: 'Check the server of the network file system, and the way to it',
  ENODEV: 'Check that the disk is attached and its volume mounted',
  ENXIO: 'Check that the disk is attached and its volume mounted',
  EIO: 'Check the disk and the log of the kernel: the device failed',
  EUCLEAN: 'Check the file system (fsck): its structure is damaged',
};

const unknown = 'Try again; if it fails again, check the disk and the log of the kernel';

/** Returns what an operator can do about a failed file call, as a sentence without its full stop. Looks at the error, and then at its causes. */
export function remedyOf(error: unknown): string {
  for (let at = error; at instanceof Error; at = at.cause) {
    const errno = errnoOf(at);
    if (errno !== undefined) return remedies[errno] ?? unknown;
  }
  return unknown;
}
