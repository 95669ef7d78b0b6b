import { makeDirectoriesBelow, makeDirectoryDurable, nodeFileSystem, syncDirectory } from '@ceres/internal';

const warned = new Set<string>();

/** Makes the names in a folder survive a crash of the host; warns once where its file system cannot. */
export async function syncFolder(folder: string): Promise<void> {
  warnUnless(await syncDirectory(nodeFileSystem, folder), folder);
}

/** Creates a folder and those above it, and makes their names survive a crash of the host. */
export async function makeFolder(folder: string): Promise<void> {
  warnUnless(await makeDirectoryDurable(nodeFileSystem, folder), folder);
}

/**
 * Creates the missing folders below `base`, but never `base`: its volume may have been unmounted.
 *
 * @throws the file system's error: `ENOENT` if `base` is missing
 */
export async function makeFoldersBelow(base: string, folder: string): Promise<void> {
  warnUnless(await makeDirectoriesBelow(nodeFileSystem, base, folder), base);
}

function warnUnless(isDurable: boolean, folder: string): void {
  if (isDurable || warned.has(folder)) return;
  warned.add(folder);
  const what = `The file system of ${folder} cannot fsync directories.`;
  const cost =
    'A crash of the host may lose the journal and the rejected records of a restore: run the restore again then.';
  process.emitWarning(`${what} ${cost}`, { type: 'CeresWarning', code: 'CERES_NO_DIRECTORY_FSYNC' });
}
