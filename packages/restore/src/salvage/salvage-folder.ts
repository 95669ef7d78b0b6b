import { rename, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ifExists, remedyOf, writeAll } from '@ceres/internal';
import { type DecodedBatch, decodeFile, type FileHeader, formatHeader, LineProtocolError } from '@ceres/lineproto';
import { formatPolicySwitch, gzip } from '@ceres/lineproto/internal';
import { type KeyParts, parseKey, readObject } from '@ceres/storage';
import { RestoreError } from '../errors';
import { syncFolder } from '../journal/durable-folders';
import { VolumeFolder } from '../journal/volume-folder';
import type { FileReading } from '../read/prove-file';

const batchBytesMax = 512 * 1024;
const gzipLevel = 3;

/**
 * The folder for what can be read of damaged files, each under the key of the damaged one. Some of its lines may never have been
 * written: it is for a human, and no restore sends it unless asked to.
 */
export class SalvageFolder {
  readonly #folder: VolumeFolder;

  private constructor(folder: VolumeFolder) {
    this.#folder = folder;
  }

  /**
   * Opens the folder, and checks that it can be written before anything is sent.
   *
   * @throws RestoreError `SALVAGE_UNWRITABLE`
   */
  static async open(path: string): Promise<SalvageFolder> {
    return new SalvageFolder(await orUnwritable(resolve(path), () => VolumeFolder.open(path)));
  }

  /**
   * Writes the lines of a damaged file as far as they can be read, if there is any. A file that is there already stays as it is: a human
   * may have edited it.
   *
   * @throws StorageError; RestoreError `SALVAGE_UNWRITABLE`
   */
  async write(key: string, { storage, signal }: FileReading): Promise<void> {
    const parts = parseKey(key);
    const path = join(this.#folder.path, key);
    if (parts === undefined || (await orUnwritable(this.#folder.path, () => ifExists(stat(path)))) !== undefined)
      return;
    const gz = readObject(storage, key, signal ? { signal } : {});
    const decoded = decodeFile(gz, { batchBytesMax, batchLinesMax: Number.MAX_SAFE_INTEGER });
    const header = await decoded.header.catch(() => undefined);
    if (header === undefined) return;
    const text = salvagedText(headerFor(parts, header), decoded);
    const first = await text.next();
    if (first.done) return;
    await orUnwritable(this.#folder.path, () => this.#create(path, gzip(following(first.value, text), gzipLevel)));
  }

  async #create(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const part = `${path}.part`;
    const file = await this.#folder.create(part);
    try {
      for await (const chunk of chunks) await writeAll(file, chunk);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(part, path);
    await syncFolder(dirname(path));
  }
}

/** Returns a header for the place that the key names. Without a format and a footer, a human can edit the file. */
function headerFor({ instance, database, retentionPolicy = '', mixed }: KeyParts, damaged: FileHeader): FileHeader {
  return {
    instance,
    database,
    retentionPolicy: mixed ? damaged.retentionPolicy : retentionPolicy,
    ...(damaged.precision && { precision: damaged.precision }),
    ...(mixed && { mixed: damaged.mixed ?? [damaged.retentionPolicy] }),
    notImportable: ['what could be read of a damaged file: some of it may never have been written'],
  };
}

/** Yields the text of a salvaged file; nothing if no line can be read. */
async function* salvagedText(header: FileHeader, lines: AsyncIterable<DecodedBatch>): AsyncGenerator<Uint8Array> {
  let isBegun = false;
  let policy: string | undefined;
  try {
    for await (const { bytes, retentionPolicy } of lines) {
      if (!isBegun) yield Buffer.from(formatHeader(header));
      isBegun = true;
      if (retentionPolicy !== policy && retentionPolicy !== undefined)
        yield Buffer.from(formatPolicySwitch(retentionPolicy));
      policy = retentionPolicy;
      yield bytes;
    }
  } catch (error) {
    if (!(error instanceof LineProtocolError)) throw error;
  }
}

async function* following(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

async function orUnwritable<T>(folder: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Error) || !('errno' in error)) throw error;
    const message = `The folder for what is salvaged, ${folder}, cannot be written (${error.message}).`;
    const todo = `${remedyOf(error)}, or choose another folder with salvageDamaged (--salvage-damaged).`;
    throw new RestoreError('SALVAGE_UNWRITABLE', `${message} ${todo}`, { cause: error });
  }
}
