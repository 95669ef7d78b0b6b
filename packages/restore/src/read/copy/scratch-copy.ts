import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAll } from '@ceres/internal';
import type { FileCopy } from './file-copy';

const readBytes = 256 * 1024;

export interface ScratchCopySettings {
  /** The folder for the scratch file; `undefined` if there is no room for one. */
  readonly folder: string | undefined;
  /** Reads the file from its storage. */
  readonly readAgain: () => AsyncIterable<Uint8Array>;
  /** Called once the scratch file takes no room any more. */
  readonly onClose: () => void;
}

/** Keeps the compressed bytes of a large file in a scratch file; if there is no room for one, the file is read again from its storage. */
export class ScratchCopy implements FileCopy {
  readonly needsDigests = true;
  readonly isWhole = true;
  readonly #folder: string | undefined;
  readonly #readAgain: () => AsyncIterable<Uint8Array>;
  readonly #onClose: () => void;
  #scratch: FileHandle | undefined;
  #isClosed = false;

  constructor({ folder, readAgain, onClose }: ScratchCopySettings) {
    this.#folder = folder;
    this.#readAgain = readAgain;
    this.#onClose = onClose;
  }

  async *fill(gz: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    this.#scratch = await this.#create();
    for await (const chunk of gz) {
      await this.#keep(chunk);
      yield chunk;
    }
  }

  read(): AsyncIterable<Uint8Array> {
    return this.#scratch === undefined ? this.#readAgain() : readFrom(this.#scratch);
  }

  async close(): Promise<void> {
    const scratch = this.#scratch;
    this.#scratch = undefined;
    await scratch?.close();
    if (!this.#isClosed) this.#onClose();
    this.#isClosed = true;
  }

  /** Creates a file without a name, so that nothing of it is left after a kill; `undefined` if that fails. */
  async #create(): Promise<FileHandle | undefined> {
    if (this.#folder === undefined) return undefined;
    const path = join(this.#folder, `ceres-scratch-${randomUUID()}`);
    let scratch: FileHandle | undefined;
    try {
      scratch = await open(path, 'wx+');
      await unlink(path);
      return scratch;
    } catch {
      await scratch?.close();
      return undefined; // the file is read twice from its storage instead
    }
  }

  async #keep(chunk: Uint8Array): Promise<void> {
    if (this.#scratch === undefined) return;
    try {
      await writeAll(this.#scratch, chunk);
    } catch {
      await this.close(); // a full disk: the file is read twice from its storage instead
    }
  }
}

async function* readFrom(scratch: FileHandle): AsyncGenerator<Uint8Array> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await scratch.read(Buffer.allocUnsafe(readBytes), 0, readBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
