import { TsmError } from '../errors';
import { compareTsmFileNames, parseTsmFileName } from '../files/file-name';
import { TsmReader } from '../files/tsm-reader';
import type { KnownNames } from '../names/known-names';
import type { Shard, ShardFile, ShardFiles } from './contract';
import { MergedShard } from './merged-shard';
import { readWal } from './wal/read-wal';

/**
 * Opens a shard: its TSM files, where the later name wins, each less its own tombstones; and its WAL, which wins over all of them. The
 * shard owns the files from now on, also if this fails. Format: docs/storage-engine.md, "Where what is".
 *
 * @throws TsmError `NOT_TSM`, `DAMAGED`, `INCOMPLETE`, `UNREADABLE`
 */
export function openShard(files: ShardFiles): Promise<Shard> {
  return openNamedShard(files);
}

/** Opens a shard, and holds the keys of what is read against the names that are known. */
export async function openNamedShard({ files, wal = [] }: ShardFiles, names?: KnownNames): Promise<Shard> {
  const sources = [...files.flatMap(({ source, tombstones }) => [source, tombstones]), ...wal];
  const close = async () => {
    for (const source of sources) await source?.close();
  };
  try {
    const readers: TsmReader[] = [];
    for (const { source, tombstones } of inOrder(files)) readers.push(await TsmReader.open(source, tombstones));
    const { content, cuts } = await readWal(wal);
    return new MergedShard({ readers, wal: content, names }, cuts, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function inOrder(files: readonly ShardFile[]): readonly ShardFile[] {
  const named = files.map((file) => {
    const name = parseTsmFileName(file.name);
    if (name === undefined) throw new TsmError('NOT_TSM', `${file.name} is not the name of a TSM file.`);
    return { file, name };
  });
  named.sort((a, b) => compareTsmFileNames(a.name, b.name));
  for (const [i, { name, file }] of named.entries()) {
    const next = named[i + 1];
    if (next === undefined || compareTsmFileNames(name, next.name) !== 0) continue;
    throw new TsmError('DAMAGED', `A shard has two files named ${file.name}, so that neither can win.`);
  }
  return named.map(({ file }) => file);
}
