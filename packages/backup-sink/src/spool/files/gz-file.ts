import { createHash } from 'node:crypto';
import { writeAll } from '@ceres/internal';
import type { FileSystem } from '@ceres/storage';
import { asError } from '../../errors';

/** What an upload declares of a file. */
export interface GzFacts {
  readonly sizeBytes: number;
  /** Base64. */
  readonly md5: string;
}

/** The disk refused what is new on it; reading may still work. */
export class CannotWrite extends Error {}

/**
 * Writes a new file, and fsyncs it.
 *
 * @throws CannotWrite with the file system's error as its cause; what `gz` throws
 */
export async function writeGz(fs: FileSystem, path: string, gz: AsyncIterable<Uint8Array>): Promise<GzFacts> {
  const md5 = createHash('md5');
  let sizeBytes = 0;
  const handle = await writing(fs.open(path, 'wx'));
  try {
    for await (const chunk of gz) {
      md5.update(chunk);
      sizeBytes += chunk.byteLength;
      await writing(writeAll(handle, chunk));
    }
    await writing(handle.sync());
  } finally {
    await handle.close();
  }
  return { sizeBytes, md5: md5.digest('base64') };
}

async function writing<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new CannotWrite(asError(error).message, { cause: error });
  }
}
