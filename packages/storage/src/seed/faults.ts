import { StorageError, type StorageErrorCode } from '../errors';

/** Says why nothing of a manifest counts. */
export type ManifestCode = Extract<StorageErrorCode, `SEED_${string}`>;

const remedies: Readonly<Record<ManifestCode, string>> = {
  SEED_CUT: 'Nothing in it counts, and the seed is unfinished. Find out what cut it.',
  SEED_ALTERED: 'Nothing in it counts, and the seed is unfinished. Find out what changed it.',
  SEED_FOREIGN: 'Nothing in it counts. Find out who wrote or copied it.',
  SEED_NEWER: 'Update Ceres here.',
  SEED_TOO_LARGE: 'It was not read to its end. Find out who wrote it.',
};

/** Returns whether an error says that a manifest is not to be trusted, and not that it could not be read. */
export function isManifestCode(code: StorageErrorCode): code is ManifestCode {
  return code in remedies;
}

/** Makes the error of one manifest. */
export type ManifestFault = (code: ManifestCode, why: string, cause?: unknown) => StorageError;

/** Returns what makes the errors of one manifest. */
export function manifestFault(key: string): ManifestFault {
  return (code, why, cause) =>
    new StorageError(code, `The manifest ${key} is not to be trusted: ${why}. ${remedies[code]}`, { key, cause });
}
