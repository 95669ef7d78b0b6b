import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { writeAll } from '@ceres/internal';
import type { FileHeader, FileSummary } from '@ceres/lineproto';
import type { ObjectBody } from '@ceres/storage';
import type { CutFile } from './file-cutter';

/** How much of a file is read at once to put it. */
const READ_BYTES = 1024 * 1024;

/** A `.gz` in the work folder. */
export interface PackedFile {
  readonly path: string;
  readonly body: ObjectBody & { readonly md5: string };
  /** The SHA-256 of its lines, as they came from the source. */
  readonly sha256: string;
}

/**
 * Writes a file into the work folder, fsynced. Every attempt to put it sends the same bytes.
 *
 * @throws the file system's error; LineProtocolError for a header that cannot be written
 */
export async function packFile(
  path: string,
  header: FileHeader & { readonly summary: FileSummary },
  lines: CutFile['lines'],
): Promise<PackedFile> {
  const { members, sha256 } = await lines.finish(header);
  const writer = await PackedWriter.open(path);
  for (const member of members) await writer.add(member);
  return { path, sha256, body: await writer.end() };
}

/** Writes the members of a `.gz`, one after the other. */
export class PackedWriter {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #md5 = createHash('md5');
  #crc = 0;
  #sizeBytes = 0;

  private constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  static async open(path: string): Promise<PackedWriter> {
    return new PackedWriter(path, await open(path, 'w'));
  }

  async add(member: Uint8Array): Promise<void> {
    this.#md5.update(member);
    this.#crc = crc32(member, this.#crc);
    this.#sizeBytes += member.length;
    try {
      await writeAll(this.#handle, member);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Fsyncs the file, and returns it as the body of an object. */
  async end(): Promise<PackedFile['body']> {
    try {
      await this.#handle.sync();
    } finally {
      await this.close();
    }
    const [path, md5] = [this.#path, this.#md5.digest('base64')];
    return { sizeBytes: this.#sizeBytes, md5, crc32: this.#crc, open: () => readWhole(path) };
  }

  /** Closes the file. It may be closed already. */
  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function* readWhole(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafeSlow(READ_BYTES);
      const { bytesRead } = await handle.read(chunk, 0, READ_BYTES);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
