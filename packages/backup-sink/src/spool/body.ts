import type { FileSystem, ObjectBody } from '@ceres/storage';
import { md5Of, readFile } from './read-file';

/** A compressed file as the storage takes it; the disk is read again for every attempt. */
export function fileBody(fs: FileSystem, path: () => string, sizeBytes: number, md5: string): ObjectBody {
  return { sizeBytes, md5, open: () => readFile(fs, path()) };
}

/** The body of a `.gz` whose MD5 this run did not compute. */
export async function foundBody(fs: FileSystem, path: () => string): Promise<ObjectBody> {
  const { size } = await fs.lstat(path());
  return fileBody(fs, path, size, await md5Of(readFile(fs, path())));
}
