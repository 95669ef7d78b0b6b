import { errnoOf } from '@ceres/internal';
import { StorageError, type StorageErrorCode } from '../errors';

interface Meaning {
  readonly code: StorageErrorCode;
  readonly remedy: string;
}

const denied = (remedy: string): Meaning => ({ code: 'DENIED', remedy });
const unavailable = (remedy: string): Meaning => ({ code: 'UNAVAILABLE', remedy });

/** What each errno means, and what an operator can do about it. Any other one may pass, so the call is retryable. */
const meanings: Readonly<Record<string, Meaning>> = {
  EACCES: denied('Give this user the right to read, write and search the directory'),
  EPERM: denied('Give this user the right to do so, on a file system that has hard links'),
  EROFS: denied('Mount the file system read-write'),
  EXDEV: denied('Keep the whole directory on one file system'),
  ENOTSUP: denied('Use a file system that has hard links'),
  ENAMETOOLONG: { code: 'INVALID_KEY', remedy: 'Use a shorter path for the root directory, or shorter names' },
  ENOTDIR: { code: 'INVALID_OPTIONS', remedy: 'Give the path of a directory' },
  EEXIST: { code: 'INVALID_OPTIONS', remedy: 'Give the path of a directory' },
  ENOSPC: unavailable('Free some space, or use a larger disk'),
  EDQUOT: unavailable('Free some space, or raise the quota'),
  EMFILE: unavailable('Raise the limit on open files (ulimit -n)'),
  // A file that is missing for a known reason never gets here, so another process must have removed it.
  ENOENT: unavailable('Try again: another process has just removed it'),
};
const passing = unavailable('Try again; if it fails again, check the disk');

/** What file calls are made for. */
export interface Purpose {
  /** The middle of a sentence, such as `write "a/b.gz" under /backup`. */
  readonly what: string;
  readonly key?: string;
}

/** Makes a file call, and turns the file system's error into a coded one. Any other error passes unchanged. */
export async function explained<T>(purpose: Purpose, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined || error instanceof StorageError) throw error;
    const { code, remedy } = meanings[errno] ?? passing;
    const { what, key } = purpose;
    throw new StorageError(code, `Cannot ${what}: ${(error as Error).message}. ${remedy}.`, {
      ...(key !== undefined && { key }),
      cause: error,
    });
  }
}
