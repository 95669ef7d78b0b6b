import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { errnoOf, type FileHandle, type FileSystem, nodeFileSystem, remedyOf, writeAll } from '@ceres/internal';
import { placed, TsmError } from '../../errors';
import { type ByteSource, bytesSource, readHandle } from '../../files/byte-source';
import { check } from '../../options';
import { SpareMemory } from './spare-memory';

/** Says where archives are unpacked: they cannot be read at random. Format: docs/storage-engine.md, "Portable backup". */
export interface ScratchOptions {
  /** A folder for what does not fit into memory. What is unpacked has the size of the shard, and is removed when the shard is closed. */
  readonly scratchDir?: string;
  /** What may be unpacked into memory, for each shard that is open. Default: 64 MiB. */
  readonly memoryBytesMax?: number;
  readonly fs?: FileSystem;
}

export const scratchOptionNames: readonly string[] = ['scratchDir', 'memoryBytesMax', 'fs'];

const MEMORY_BYTES_DEFAULT = 64 * 1024 * 1024;

/** Keeps the files of one archive, in memory as long as they fit, then in the scratch folder. */
export class Scratch {
  readonly #directory: string | undefined;
  readonly #fs: FileSystem;
  readonly #spare: SpareMemory;
  #memoryLeft: number;

  /**
   * @param spare what the archives read after each other share
   * @throws TsmError `INVALID_OPTIONS`
   */
  constructor(
    { scratchDir, memoryBytesMax = MEMORY_BYTES_DEFAULT, fs = nodeFileSystem }: ScratchOptions,
    spare = new SpareMemory(),
  ) {
    if (scratchDir !== undefined) check.text('scratchDir', scratchDir, '/var/tmp');
    this.#memoryLeft = check.wholeNumber('memoryBytesMax', memoryBytesMax, { min: 0, max: 2 ** 40, unit: 'bytes' });
    this.#directory = scratchDir;
    this.#fs = fs;
    this.#spare = spare;
  }

  /**
   * Refuses what will not fit, before any of it is read. `what` is its name in the message.
   *
   * @throws TsmError `SCRATCH_FULL`
   */
  async checkSpace(what: string, sizeBytes: number): Promise<void> {
    if (sizeBytes <= this.#memoryLeft) return;
    if (this.#directory === undefined) throw noScratch(what, sizeBytes);
    await this.#checkFree(this.#directory, what, sizeBytes);
  }

  /**
   * Takes a file. Closing the source that it returns removes it.
   *
   * @throws TsmError `SCRATCH_FULL`
   */
  async keep(name: string, sizeBytes: number, content: AsyncIterable<Uint8Array>): Promise<ByteSource> {
    if (sizeBytes <= this.#memoryLeft) {
      this.#memoryLeft -= sizeBytes;
      const bytes = this.#spare.take(sizeBytes);
      let at = 0;
      for await (const piece of content) {
        bytes.set(piece, at);
        at += piece.length;
      }
      let isOpen = true;
      const onClose = () => {
        if (isOpen) this.#spare.giveBack(bytes);
        isOpen = false;
      };
      return bytesSource(name, bytes.subarray(0, at), onClose);
    }
    if (this.#directory === undefined) throw noScratch(name, sizeBytes);
    await this.#checkFree(this.#directory, name, sizeBytes);
    return this.#keepInFile(this.#directory, name, sizeBytes, content);
  }

  /** A file system that does not say how much is free is found full by a write. */
  async #checkFree(directory: string, what: string, sizeBytes: number): Promise<void> {
    const status = await this.#fs.statfs?.(directory).catch(() => undefined);
    const { bavail, bsize } = status ?? {};
    if (bavail === undefined || bsize === undefined || sizeBytes <= bavail * bsize) return;
    throw new TsmError(
      'SCRATCH_FULL',
      `${what} needs ${sizeBytes} bytes of scratch space, and ${directory} has ${bavail * bsize} free. Free some space, or name another folder as \`scratchDir\`.`,
    );
  }

  async #keepInFile(
    directory: string,
    name: string,
    sizeBytes: number,
    content: AsyncIterable<Uint8Array>,
  ): Promise<ByteSource> {
    const path = join(directory, `ceres-tsm-${randomUUID()}.tmp`);
    let handle: FileHandle | undefined;
    try {
      handle = await this.#fs.open(path, 'wx+', 0o600);
      for await (const piece of content) await writeAll(handle, piece);
      const open = handle;
      return readHandle(name, sizeBytes, open, async () => {
        await open.close();
        await this.#fs.unlink(path);
      });
    } catch (error) {
      await handle?.close();
      if (handle !== undefined) await this.#fs.unlink(path);
      if (error instanceof TsmError) throw placed(error, name);
      throw new TsmError(
        'SCRATCH_FULL',
        `Cannot unpack ${name}, of ${sizeBytes} bytes, into ${directory} (${errnoOf(error) ?? String(error)}). ${remedyOf(error)}.`,
        { cause: error },
      );
    }
  }
}

function noScratch(what: string, sizeBytes: number): TsmError {
  return new TsmError(
    'SCRATCH_FULL',
    `${what} has ${sizeBytes} bytes and does not fit into memory. Name a folder with that much space as \`scratchDir\`, or raise \`memoryBytesMax\`.`,
  );
}
