import { join } from 'node:path';
import { type FileSystem, ifExists } from '@ceres/internal';
import { parseTsmFileName } from '../../files/file-name';
import type { StorageMeta } from '../../meta/storage-meta';
import type { SalvageOptions } from '../../salvage/contract';
import { compareShardNames, type ShardName } from '../shard-name';
import { foldersIn, type ShardFolder, tombstoneNameOf, walNamesIn } from './shard-files';

/** The folders of a damaged data directory. */
export interface DamagedDirectory {
  readonly fs: FileSystem;
  readonly dataDir: string;
  readonly walDir: string;
  readonly metaPath: string;
  readMeta(): Promise<StorageMeta | undefined>;
}

/** What may lie in the folder of a shard and holds no points. */
const withoutPoints = /^(?:fields\.idxl?|index|LOCK|.*\.tombstone|.*\.tmp)$/;

/**
 * Lists the shards of a damaged data directory, sorted: those that have a folder for their files or for their WAL. Reports names that say nothing, and
 * files of which only the tombstones are left.
 */
export async function listDamagedShards(
  { fs, dataDir, walDir }: DamagedDirectory,
  { onLoss, signal }: SalvageOptions,
): Promise<readonly ShardFolder[]> {
  const shards: ShardFolder[] = [];
  const hasWal = (await ifExists(fs.readdir(walDir))) !== undefined;
  const found = new Map<string, ShardName>();
  for (const root of hasWal ? [dataDir, walDir] : [dataDir]) {
    for (const database of await foldersIn(fs, root)) {
      for (const retentionPolicy of await foldersIn(fs, join(root, database))) {
        if (retentionPolicy === '_series') continue;
        for (const name of await foldersIn(fs, join(root, database, retentionPolicy))) {
          const path = join(database, retentionPolicy, name);
          if (/^\d{1,15}$/.test(name)) found.set(path, { database, retentionPolicy, id: Number(name) });
          else if (!name.endsWith('.tmp'))
            onLoss({
              kind: 'name',
              file: join(root, path),
              reason: 'It is not the number of a shard, so that it is not read.',
            });
        }
      }
    }
  }
  for (const [path, name] of [...found].sort(([, a], [, b]) => compareShardNames(a, b))) {
    signal?.throwIfAborted();
    shards.push(await listFiles(fs, { ...name, folder: join(dataDir, path), walFolder: join(walDir, path) }, onLoss));
  }
  if (!hasWal && shards.length > 0)
    onLoss({
      kind: 'wal',
      file: walDir,
      reason: 'There is no such folder, so that points which only the WAL holds are not read.',
    });
  return shards;
}

async function listFiles(
  fs: FileSystem,
  { database, retentionPolicy, id, folder, walFolder }: ShardName & Pick<ShardFolder, 'folder' | 'walFolder'>,
  onLoss: SalvageOptions['onLoss'],
): Promise<ShardFolder> {
  const shard = { database, retentionPolicy, id };
  const present = new Set((await ifExists(fs.readdir(folder))) ?? []);
  const tsmNames: string[] = [];
  for (const name of [...present].sort()) {
    const file = join(folder, name);
    const isFile = (await fs.lstat(file)).isFile();
    if (isFile && parseTsmFileName(name.replace(/\.bad$/, '')) !== undefined) tsmNames.push(name);
    else if (!withoutPoints.test(name))
      onLoss({ kind: 'name', file, shard, reason: 'It is not the name of a file of a shard, so that it is not read.' });
  }
  const deletedFrom = new Set(tsmNames.filter((name) => present.has(tombstoneNameOf(name))));
  const owners = new Set([...deletedFrom].map(tombstoneNameOf));
  for (const name of present) {
    if (!name.endsWith('.tombstone') || owners.has(name)) continue;
    const file = join(folder, name.replace(/\.tombstone$/, '.tsm'));
    onLoss({ kind: 'file', file, shard, reason: 'The file is missing: only its tombstones are left.' });
  }
  return { ...shard, folder, walFolder, tsmNames, deletedFrom, walNames: await walNamesIn(fs, walFolder) };
}
