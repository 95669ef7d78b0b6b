import { createHash } from 'node:crypto';
import { errnoOf, writeAll } from '@ceres/internal';
import type { FileHandle, FileSystem, ObjectBody } from '@ceres/storage';
import { asError } from '../../errors';
import { readFile } from '../disk/read-file';
import { relocate } from './relocate';
import type { SpoolFile } from './spool-file';

/** What an upload declares of a `.gz`. */
export interface GzDigest {
  readonly sizeBytes: number;
  /** The MD5 in base64. */
  readonly md5: string;
}

/** The disk refused to take something new; reading may still work. */
export class CannotWrite extends Error {}

/**
 * Writes a new file, and fsyncs it.
 *
 * @param assertInPlace throws if the open file is not where it should be: its volume may have been unmounted
 * @throws CannotWrite with the file system's error as its cause; what `gz` and `assertInPlace` throw
 */
export async function writeGz(
  fs: FileSystem,
  path: string,
  gz: AsyncIterable<Uint8Array>,
  assertInPlace: (handle: FileHandle) => Promise<void>,
): Promise<GzDigest> {
  const md5 = createHash('md5');
  let sizeBytes = 0;
  const handle = await writing(fs.open(path, 'wx'));
  try {
    await assertInPlace(handle);
    for await (const chunk of gz) {
      md5.update(chunk);
      sizeBytes += chunk.byteLength;
      await writing(writeAll(handle, chunk));
    }
    await writing(handle.sync());
  } finally {
    await writing(handle.close()); // over a network, a full disk may say so only now
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

/** Returns the body of a `.gz` on the disk, which is read again for every attempt. */
export function fileBody(fs: FileSystem, file: SpoolFile, { sizeBytes, md5 }: GzDigest): ObjectBody {
  return { sizeBytes, md5, open: () => readWherever(fs, file) };
}

/** Returns the body of a `.gz` of an earlier run: its MD5 is computed first. */
export async function foundBody(fs: FileSystem, file: SpoolFile): Promise<ObjectBody> {
  const { size } = await fs.lstat(file.path);
  const md5 = createHash('md5');
  for await (const chunk of readFile(fs, file.path)) md5.update(chunk);
  return fileBody(fs, file, { sizeBytes: size, md5: md5.digest('base64') });
}

/** Returns the body of a `.gz` that the disk has no room for. */
export async function memoryBody(gz: AsyncIterable<Uint8Array>): Promise<ObjectBody> {
  const parts: Uint8Array[] = [];
  for await (const part of gz) parts.push(part);
  const bytes = Buffer.concat(parts);
  const md5 = createHash('md5').update(bytes).digest('base64');
  return { sizeBytes: bytes.byteLength, md5, open: () => chunksOf(bytes) };
}

async function* chunksOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Fails if the file has moved; the next attempt then knows where it is. */
async function* readWherever(fs: FileSystem, file: SpoolFile): AsyncGenerator<Uint8Array> {
  try {
    yield* readFile(fs, file.path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') await relocate(fs, file);
    throw error;
  }
}
