import { errnoOf } from '@ceres/internal';
import { StorageError, type StorageErrorCode } from '../errors';

interface Meaning {
  readonly code: StorageErrorCode;
  readonly remedy: string;
}

const denied = (remedy: string): Meaning => ({ code: 'DENIED', remedy });
const unavailable = (remedy: string): Meaning => ({ code: 'UNAVAILABLE', remedy });

/** What an operator can do about it, by errno. Any other errno may pass: the call can be made again. */
const meanings: Readonly<Record<string, Meaning>> = {
  EACCES: denied('Give this user the right to read, write and search it'),
  EPERM: denied('Give this user the right, and use a file system that has hard links'),
  EROFS: denied('Mount the file system writable'),
  EXDEV: denied('Keep the whole directory on one file system'),
  ENOTSUP: denied('Use a file system that has hard links'),
  ENAMETOOLONG: { code: 'INVALID_KEY', remedy: 'Use a shorter path for the root, or shorter names' },
  ENOTDIR: { code: 'INVALID_OPTIONS', remedy: 'Name a directory' },
  EEXIST: { code: 'INVALID_OPTIONS', remedy: 'Name a directory' },
  ENOSPC: unavailable('Free some space, or use a larger disk'),
  EDQUOT: unavailable('Free some space, or raise the quota'),
  EMFILE: unavailable('Raise the limit on open files (ulimit -n)'),
  // Where a missing file has a meaning it is handled before: here somebody deletes under our hands.
  ENOENT: unavailable('It was removed meanwhile: try again'),
};
const passing = unavailable('Try again; if it stays, check the disk');

/** What a file call was for. */
export interface Doing {
  /** Such as `write "a/b.gz" under /backup`. */
  readonly what: string;
  readonly key?: string;
}

/** Runs a file call and turns its fault into a coded error; errors that are not the file system's pass unchanged. */
export async function explained<T>(doing: Doing, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === undefined || error instanceof StorageError) throw error;
    const { code, remedy } = meanings[errno] ?? passing;
    const { what, key } = doing;
    throw new StorageError(code, `Cannot ${what}: ${(error as Error).message}. ${remedy}.`, {
      ...(key !== undefined && { key }),
      cause: error,
    });
  }
}
