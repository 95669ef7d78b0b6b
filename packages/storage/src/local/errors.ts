import { errnoOf, remedyOf } from '@ceres/internal';
import { StorageError, type StorageErrorCode } from '../errors';

/** What an error of a file system means for a caller. Any other one may pass, so it is `UNAVAILABLE`, and the call is retryable. */
const codes: Readonly<Record<string, StorageErrorCode>> = {
  EACCES: 'DENIED',
  EPERM: 'DENIED',
  EROFS: 'DENIED',
  EXDEV: 'DENIED',
  EINVAL: 'DENIED',
  ENOSYS: 'DENIED',
  ENOTSUP: 'DENIED',
  EOPNOTSUPP: 'DENIED',
  ENAMETOOLONG: 'INVALID_KEY',
  ENOTDIR: 'INVALID_OPTIONS',
  EEXIST: 'INVALID_OPTIONS',
};

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
    const { what, key } = purpose;
    throw new StorageError(
      codes[errno] ?? 'UNAVAILABLE',
      `Cannot ${what}: ${(error as Error).message}. ${remedyOf(error)}.`,
      {
        ...(key !== undefined && { key }),
        cause: error,
      },
    );
  }
}
