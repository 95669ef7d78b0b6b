import { join } from 'node:path';
import { type FileSystem, ifExists, nodeFileSystem } from '@ceres/internal';
import { placed, TsmError } from '../../errors';
import { fileSource, unreadable } from '../../files/byte-source';
import { parseTsmFileName } from '../../files/file-name';
import { decodeMeta } from '../../meta/decode-meta';
import type { StorageMeta } from '../../meta/storage-meta';
import { check } from '../../options';
import type { SalvageOptions } from '../../salvage/contract';
import { openNamedShard } from '../../shards/open-shard';
import type { ShardContainer, StoredShard } from '../contract';
import { DirectoryNames } from './directory-names';
import { salvageDirectory } from './salvage-directory';
import { foldersIn, openShardFiles, type ShardFolder, shardSize, tombstoneNameOf, walNamesIn } from './shard-files';

/** The folders of a server that is stopped. */
export interface DataDirectoryOptions {
  /** `[data] wal-dir` of the configuration. Default: `wal` beside the data. */
  readonly walDir?: string;
  /** `[meta] dir` of the configuration. Default: `meta` beside the data. It may be missing. */
  readonly metaDir?: string;
  /**
   * Reads what can be read of a damaged directory, and reports the rest. Nothing is an error then but what the disk refuses. Each shard is read
   * twice: once when it is opened, which reports, and once for its points. Default: damage is an error.
   */
  readonly salvage?: SalvageOptions;
  readonly fs?: FileSystem;
}

/**
 * Opens the data directory of a server that is stopped, and never writes into it: `data/<database>/<policy>/<shard>/*.tsm`,
 * `wal/<database>/<policy>/<shard>/_*.wal`, `meta/meta.db`. Files that a crash or a backup left unfinished (`….tmp`) and indexes
 * are not read, apart from the names that they know: the series file of a database and the `fields.idx` of a shard. What contradicts
 * them is an error, because names in TSM files and in the WAL carry no checksum. Format: docs/storage-engine.md, "Where what is".
 *
 * @param dataDir `[data] dir` of the configuration, usually `/var/lib/influxdb/data`
 * @throws TsmError `MISSING`, `DAMAGED`, `UNREADABLE`, `INVALID_OPTIONS`
 */
export async function openDataDirectory(dataDir: string, options: DataDirectoryOptions = {}): Promise<ShardContainer> {
  check.names('openDataDirectory', options, ['walDir', 'metaDir', 'salvage', 'fs']);
  check.text('dataDir', dataDir, '/var/lib/influxdb/data');
  const { fs = nodeFileSystem, salvage } = options;
  const walDir = options.walDir ?? join(dataDir, '..', 'wal');
  const metaPath = join(options.metaDir ?? join(dataDir, '..', 'meta'), 'meta.db');
  try {
    if (salvage !== undefined) {
      check.names('salvage', salvage, ['onLoss', 'onDoubtful', 'onUnchecked', 'signal']);
      return await salvageDirectory({ fs, dataDir, walDir, metaPath, readMeta: () => readMeta(fs, metaPath) }, salvage);
    }
    const shards = await listShards(fs, dataDir, walDir);
    return { meta: await readMeta(fs, metaPath), shards };
  } catch (error) {
    throw error instanceof TsmError || salvage?.signal?.aborted ? error : unreadable(dataDir, error);
  }
}

async function listShards(fs: FileSystem, dataDir: string, walDir: string): Promise<readonly StoredShard[]> {
  const names = new DirectoryNames(dataDir, fs);
  const shards: StoredShard[] = [];
  for (const database of await foldersIn(fs, dataDir)) {
    for (const retentionPolicy of await foldersIn(fs, join(dataDir, database))) {
      // A folder that is not a policy: influxd keeps its series file there.
      if (retentionPolicy === '_series') continue;
      const ids = (await foldersIn(fs, join(dataDir, database, retentionPolicy))).filter((name) =>
        /^\d{1,15}$/.test(name),
      );
      for (const id of ids.map(Number).sort((a, b) => a - b)) {
        const path = join(database, retentionPolicy, String(id));
        const folder = join(dataDir, path);
        const shard = await listFiles(fs, { database, retentionPolicy, id, folder, walFolder: join(walDir, path) });
        shards.push({
          database,
          retentionPolicy,
          id,
          sizeBytes: await shardSize(fs, shard),
          open: async () => {
            const known = await names.of(database, folder);
            return openNamedShard(await openShardFiles(fs, shard), known);
          },
        });
      }
    }
  }
  return shards;
}

async function listFiles(
  fs: FileSystem,
  shard: Omit<ShardFolder, 'tsmNames' | 'deletedFrom' | 'walNames'>,
): Promise<ShardFolder> {
  const present = new Set(await fs.readdir(shard.folder));
  const tsmNames = [...present].filter((one) => parseTsmFileName(one) !== undefined).sort();
  return {
    ...shard,
    tsmNames,
    deletedFrom: new Set(tsmNames.filter((one) => present.has(tombstoneNameOf(one)))),
    walNames: await walNamesIn(fs, shard.walFolder),
  };
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
