import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import { errnoOf, type FileSystem, nodeFileSystem, remedyOf, syncDirectory, writeAll } from '@ceres/internal';
import { TsmError } from '../../errors';
import { aroundMeta, encodeMeta } from '../../meta/encode-meta';
import { shardsOf } from '../../meta/shards-of-meta';
import type { StorageMeta } from '../../meta/storage-meta';
import { check } from '../../options';
import type { ShardFile } from '../../shards/contract';
import { shardArchive } from '../archive/write-tar';
import type { ShardName } from '../shard-name';
import { formatManifest, type ManifestFile } from './manifest';
import { stampOf } from './stamp';

/** What a portable backup is made with. */
export interface PortableWriterOptions {
  /** The time in the names of the files, in whole seconds. Parts that lie in one folder need different ones. */
  readonly stampMs: number;
  /** Says that the folder holds only a part of the shards in the metadata. Default: false. */
  readonly limited?: boolean;
  /** The level of gzip, 0 to 9. TSM files are compressed already. Default: 1. */
  readonly gzipLevel?: number;
  readonly fs?: FileSystem;
}

const PIECE_BYTES = 64 * 1024;

/**
 * Writes a folder that `influxd restore -portable` loads: `<stamp>.meta`, `<stamp>.s<id>.tar.gz` for each shard, and last
 * `<stamp>.manifest`, without which nothing in the folder is a backup. Format: docs/storage-engine.md, "Portable backup".
 */
export class PortableWriter {
  readonly #folder: string;
  readonly #stamp: string;
  readonly #limited: boolean;
  readonly #gzipLevel: number;
  readonly #fs: FileSystem;
  readonly #stampMs: number;
  readonly #files: ManifestFile[] = [];
  /** The paths of the files that were begun. */
  readonly #written: string[] = [];

  /**
   * @param folder an existing one
   * @throws TsmError `INVALID_OPTIONS`
   */
  constructor(folder: string, options: PortableWriterOptions) {
    check.names('PortableWriter', options, ['stampMs', 'limited', 'gzipLevel', 'fs']);
    const { stampMs, limited = false, gzipLevel = 1, fs = nodeFileSystem } = options;
    this.#folder = check.text('folder', folder, '/var/backups/influx-compiled');
    this.#stampMs = check.wholeNumber('stampMs', stampMs, { min: 0, max: 253_402_300_799_000, unit: 'milliseconds' });
    this.#gzipLevel = check.wholeNumber('gzipLevel', gzipLevel, { min: 0, max: 9 });
    this.#stamp = stampOf(stampMs);
    this.#limited = check.flag('limited', limited);
    this.#fs = fs;
  }

  /**
   * Adds the archive of a shard, and makes it durable.
   *
   * @param files without tombstones: `influxd restore -portable` leaves them out, so that deleted points would come back. Read such a
   *   shard with `openShard`, and write what is left with a `ShardWriter`
   * @throws TsmError `UNSAFE_NAME` or `HAS_TOMBSTONES`, with nothing written; `UNWRITABLE`
   */
  async add(shard: ShardName, files: readonly ShardFile[]): Promise<void> {
    const { database, retentionPolicy, id } = shard;
    const fileName = `${this.#stamp}.s${id}.tar.gz`;
    const archive = shardArchive(shard, files);
    let size = 0;
    const counted = async function* () {
      for await (const piece of archive) {
        size += piece.length;
        yield piece;
      }
    };
    await this.#write(fileName, this.#gzip(counted()));
    this.#files.push({ database, policy: retentionPolicy, shardID: id, fileName, size });
  }

  /**
   * Writes the metadata and the manifest. The folder is a backup from then on.
   *
   * @returns the size of the metadata in bytes: a server that loads the backup reads it in one piece, and fails beyond about 100 KB
   * @param storageMeta all databases, policies and shard groups, also those whose shards are in other parts
   * @throws TsmError `MISSING`: it lacks a shard that was added; `UNWRITABLE`
   */
  async finish(storageMeta: StorageMeta): Promise<number> {
    checkNamed(this.#files, storageMeta);
    const data = encodeMeta(storageMeta);
    const metaName = `${this.#stamp}.meta`;
    await this.#write(metaName, [aroundMeta(data)]);
    const manifest = { meta: { fileName: metaName, size: data.length }, limited: this.#limited, files: this.#files };
    await this.#write(`${this.#stamp}.manifest`, [Buffer.from(formatManifest(manifest, this.#stampMs))]);
    return data.length;
  }

  /** Removes what was written so far: without a manifest it is no backup. What cannot be removed stays, and no manifest names it. */
  async discard(): Promise<void> {
    await Promise.allSettled(this.#written.splice(0).map((path) => this.#fs.unlink(path)));
  }

  async *#gzip(tar: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const gzip = createGzip({ level: this.#gzipLevel, chunkSize: PIECE_BYTES });
    const filling = (async () => {
      for await (const piece of tar) {
        if (!gzip.write(piece)) await new Promise((resolve) => gzip.once('drain', resolve));
      }
      gzip.end();
    })();
    filling.catch((error: Error) => gzip.destroy(error));
    try {
      yield* gzip as AsyncIterable<Uint8Array>;
      await filling;
    } finally {
      gzip.destroy();
    }
  }

  async #write(name: string, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const path = join(this.#folder, name);
    try {
      const file = await this.#fs.open(path, 'wx');
      this.#written.push(path);
      try {
        for await (const piece of pieces) await writeAll(file, piece);
        await file.datasync();
      } finally {
        await file.close();
      }
      await syncDirectory(this.#fs, this.#folder);
    } catch (error) {
      if (error instanceof TsmError || errnoOf(error) === undefined) throw error;
      throw new TsmError('UNWRITABLE', `Cannot write ${path} (${(error as Error).message}). ${remedyOf(error)}.`, {
        cause: error,
      });
    }
  }
}

/** A shard that the metadata does not name would be left out without a word. */
function checkNamed(files: readonly ManifestFile[], meta: StorageMeta): void {
  const names = shardsOf(meta);
  for (const { database, policy, shardID } of files) {
    if (names(database, policy, shardID)) continue;
    throw new TsmError('MISSING', `The metadata has no shard ${shardID} of ${database}.${policy}.`);
  }
}
