import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { errnoOf, writeAll } from '@ceres/internal';
import type { FileHandle, FileSystem, ObjectBody } from '@ceres/storage';
import { asError } from '../../errors';
import { readFile } from '../disk/read-file';
import { isWholeGz } from './prove-gz';
import { relocate } from './relocate';
import type { SpoolFile } from './spool-file';

/** What an upload declares of a `.gz`. */
export interface GzDigest {
  readonly sizeBytes: number;
  /** The MD5 in base64. */
  readonly md5: string;
  readonly crc32: number;
}

/** Collects what an upload declares. */
class Digest {
  readonly #md5 = createHash('md5');
  #crc32 = 0;
  #sizeBytes = 0;

  add(bytes: Uint8Array): void {
    this.#md5.update(bytes);
    this.#crc32 = crc32(bytes, this.#crc32);
    this.#sizeBytes += bytes.byteLength;
  }

  finish(): GzDigest {
    return { sizeBytes: this.#sizeBytes, md5: this.#md5.digest('base64'), crc32: this.#crc32 };
  }
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
  const digest = new Digest();
  const handle = await writing(fs.open(path, 'wx'));
  try {
    await assertInPlace(handle);
    for await (const chunk of gz) {
      digest.add(chunk);
      await writing(writeAll(handle, chunk));
    }
    await writing(handle.sync());
  } finally {
    await writing(handle.close()); // over a network, a full disk may say so only now
  }
  return digest.finish();
}

async function writing<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new CannotWrite(asError(error).message, { cause: error });
  }
}

/** Returns the body of a `.gz` on the disk, which is read again for every attempt. */
export function fileBody(fs: FileSystem, file: SpoolFile, digest: GzDigest): ObjectBody {
  return { ...digest, open: () => readWherever(fs, file) };
}

/** Returns the body of a `.gz` of an earlier run, which is read first for its digest; `undefined` if the disk did not keep it whole. */
export async function foundBody(fs: FileSystem, file: SpoolFile): Promise<ObjectBody | undefined> {
  const digest = new Digest();
  const isWhole = await isWholeGz(fs, file.path, (bytes) => digest.add(bytes));
  return isWhole ? fileBody(fs, file, digest.finish()) : undefined;
}

/** Returns the body of a `.gz` that the disk has no room for. */
export async function memoryBody(gz: AsyncIterable<Uint8Array>): Promise<ObjectBody> {
  const parts: Uint8Array[] = [];
  const digest = new Digest();
  for await (const part of gz) {
    digest.add(part);
    parts.push(part);
  }
  const bytes = Buffer.concat(parts);
  return { ...digest.finish(), open: () => chunksOf(bytes) };
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
