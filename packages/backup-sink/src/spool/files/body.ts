import { createHash } from 'node:crypto';
import { errnoOf } from '@ceres/internal';
import type { FileSystem, ObjectBody } from '@ceres/storage';
import { md5Of, readFile } from '../disk/read-file';
import type { SpoolFile } from './backlog';
import { relocate } from './relocate';

/** A compressed file as the storage takes it; the disk is read again for every attempt. */
export function fileBody(fs: FileSystem, file: SpoolFile, sizeBytes: number, md5: string): ObjectBody {
  return { sizeBytes, md5, open: () => readWherever(fs, file) };
}

/** The body of a `.gz` whose MD5 this run did not compute. */
export async function foundBody(fs: FileSystem, file: SpoolFile): Promise<ObjectBody> {
  const { size } = await fs.lstat(file.path);
  return fileBody(fs, file, size, await md5Of(readFile(fs, file.path)));
}

/** The body of a `.gz` that the disk had no room for. */
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
