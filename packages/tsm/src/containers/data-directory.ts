import { join } from 'node:path';
import { type FileSystem, ifExists, nodeFileSystem } from '@ceres/internal';
import { placed, TsmError } from '../errors';
import { type ByteSource, fileSource, unreadable } from '../files/byte-source';
import { parseTsmFileName } from '../files/file-name';
import { decodeMeta } from '../meta/decode-meta';
import type { StorageMeta } from '../meta/storage-meta';
import { check } from '../options';
import type { Shard, ShardFile } from '../shards/contract';
import { openShard } from '../shards/open-shard';
import type { ShardContainer, StoredShard } from './contract';

/** The folders of a server that is stopped. */
export interface DataDirectoryOptions {
  /** `[data] wal-dir` of the configuration. Default: `wal` beside the data. */
  readonly walDir?: string;
  /** `[meta] dir` of the configuration. Default: `meta` beside the data. It may be missing. */
  readonly metaDir?: string;
  readonly fs?: FileSystem;
}

const walPattern = /^_\d{1,15}\.wal$/;

/**
 * Opens the data directory of a server that is stopped, and never writes into it: `data/<database>/<policy>/<shard>/*.tsm`,
 * `wal/<database>/<policy>/<shard>/_*.wal`, `meta/meta.db`. Files that a crash or a backup left unfinished (`….tmp`) and indexes
 * are not read. Format: docs/storage-engine.md, "Where what is".
 *
 * @param dataDir `[data] dir` of the configuration, usually `/var/lib/influxdb/data`
 * @throws TsmError `MISSING`, `DAMAGED`, `UNREADABLE`, `INVALID_OPTIONS`
 */
export async function openDataDirectory(dataDir: string, options: DataDirectoryOptions = {}): Promise<ShardContainer> {
  check.names('openDataDirectory', options, ['walDir', 'metaDir', 'fs']);
  check.text('dataDir', dataDir, '/var/lib/influxdb/data');
  const fs = options.fs ?? nodeFileSystem;
  const walDir = options.walDir ?? join(dataDir, '..', 'wal');
  const metaDir = options.metaDir ?? join(dataDir, '..', 'meta');
  const shards: StoredShard[] = [];
  try {
    for (const database of await folders(fs, dataDir)) {
      for (const retentionPolicy of await folders(fs, join(dataDir, database))) {
        // A folder that is not a policy: influxd keeps its series file there.
        if (retentionPolicy === '_series') continue;
        const ids = (await folders(fs, join(dataDir, database, retentionPolicy))).filter((name) =>
          /^\d{1,15}$/.test(name),
        );
        for (const id of ids.map(Number).sort((a, b) => a - b)) {
          const path = join(database, retentionPolicy, String(id));
          shards.push(
            await storedShard(fs, { database, retentionPolicy, id }, join(dataDir, path), join(walDir, path)),
          );
        }
      }
    }
  } catch (error) {
    throw error instanceof TsmError ? error : unreadable(dataDir, error);
  }
  return { meta: await readMeta(fs, join(metaDir, 'meta.db')), shards };
}

async function storedShard(
  fs: FileSystem,
  name: Pick<StoredShard, 'database' | 'retentionPolicy' | 'id'>,
  folder: string,
  walFolder: string,
): Promise<StoredShard> {
  const names = await fs.readdir(folder);
  const tsmNames = names.filter((one) => parseTsmFileName(one) !== undefined).sort();
  const present = new Set(names);
  const walNames = ((await ifExists(fs.readdir(walFolder))) ?? []).filter((one) => walPattern.test(one));
  walNames.sort((a, b) => Number(a.slice(1, -4)) - Number(b.slice(1, -4)));
  let sizeBytes = 0;
  for (const one of tsmNames) sizeBytes += (await fs.lstat(join(folder, one))).size;
  for (const one of walNames) sizeBytes += (await fs.lstat(join(walFolder, one))).size;
  return { ...name, sizeBytes, open };

  async function open(): Promise<Shard> {
    const opened: ByteSource[] = [];
    const source = async (path: string): Promise<ByteSource> => {
      const file = await fileSource(path, fs);
      opened.push(file);
      return file;
    };
    const files: ShardFile[] = [];
    const wal: ByteSource[] = [];
    try {
      for (const tsmName of tsmNames) {
        const tombstoneName = tsmName.replace(/\.tsm$/, '.tombstone');
        const file = { name: tsmName, source: await source(join(folder, tsmName)) };
        if (!present.has(tombstoneName)) files.push(file);
        else files.push({ ...file, tombstones: await source(join(folder, tombstoneName)) });
      }
      for (const walName of walNames) wal.push(await source(join(walFolder, walName)));
    } catch (error) {
      for (const one of opened) await one.close();
      throw error;
    }
    return openShard({ files, wal });
  }
}

/** Lists folders, also those that are links to other disks. */
async function folders(fs: FileSystem, path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of (await fs.readdir(path)).sort()) {
    const status = await fs.lstat(join(path, name));
    if (status.isDirectory() || status.isSymbolicLink()) found.push(name);
  }
  return found;
}

async function readMeta(fs: FileSystem, path: string): Promise<StorageMeta | undefined> {
  if ((await ifExists(fs.lstat(path))) === undefined) return undefined;
  const source = await fileSource(path, fs);
  try {
    return decodeMeta(await source.read(0, source.sizeBytes));
  } catch (error) {
    throw placed(error, path);
  } finally {
    await source.close();
  }
}
