import { join } from 'node:path';
import { type FileSystem, ifExists } from '@ceres/internal';
import { type ByteSource, fileSource } from '../../files/byte-source';
import type { ShardFile, ShardFiles } from '../../shards/contract';
import type { ShardName } from '../shard-name';

/** A shard in a data directory, and the names of its files. */
export interface ShardFolder extends ShardName {
  readonly folder: string;
  readonly walFolder: string;
  /** The TSM files. */
  readonly tsmNames: readonly string[];
  /** The TSM files that have tombstones. */
  readonly deletedFrom: ReadonlySet<string>;
  /** The segments of the WAL, in order. */
  readonly walNames: readonly string[];
}

const walPattern = /^_\d{1,15}\.wal$/;

/** Returns the segments of a WAL in a folder, in order. The folder may be missing. */
export async function walNamesIn(fs: FileSystem, walFolder: string): Promise<readonly string[]> {
  const names = ((await ifExists(fs.readdir(walFolder))) ?? []).filter((one) => walPattern.test(one));
  return names.sort((a, b) => Number(a.slice(1, -4)) - Number(b.slice(1, -4)));
}

/** Returns the name of the tombstones of a TSM file. */
export function tombstoneNameOf(tsmName: string): string {
  return tsmName.replace(/\.tsm(?:\.bad)?$/, '.tombstone');
}

/** Returns the size of the files of a shard. */
export async function shardSize(fs: FileSystem, shard: ShardFolder): Promise<number> {
  let sizeBytes = 0;
  for (const one of shard.tsmNames) sizeBytes += (await fs.lstat(join(shard.folder, one))).size;
  for (const one of shard.walNames) sizeBytes += (await fs.lstat(join(shard.walFolder, one))).size;
  return sizeBytes;
}

/** Opens the files of a shard: all of them, or none. */
export async function openShardFiles(fs: FileSystem, shard: ShardFolder): Promise<ShardFiles> {
  const opened: ByteSource[] = [];
  const source = async (path: string): Promise<ByteSource> => {
    const file = await fileSource(path, fs);
    opened.push(file);
    return file;
  };
  const files: ShardFile[] = [];
  const wal: ByteSource[] = [];
  try {
    for (const name of shard.tsmNames) {
      const file = { name, source: await source(join(shard.folder, name)) };
      if (!shard.deletedFrom.has(name)) files.push(file);
      else files.push({ ...file, tombstones: await source(join(shard.folder, tombstoneNameOf(name))) });
    }
    for (const name of shard.walNames) wal.push(await source(join(shard.walFolder, name)));
  } catch (error) {
    for (const one of opened) await one.close();
    throw error;
  }
  return { files, wal };
}

/** Lists folders, also those that are links to other disks. */
export async function foldersIn(fs: FileSystem, path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of (await fs.readdir(path)).sort()) {
    const status = await fs.lstat(join(path, name));
    if (status.isDirectory() || status.isSymbolicLink()) found.push(name);
  }
  return found;
}
