import { TsmError } from '../errors';
import { compareTsmFileNames, parseTsmFileName } from '../files/file-name';
import { splitKey } from '../files/key';
import { TsmReader } from '../files/tsm-reader';
import { check } from '../options';
import type { FieldColumn, PointBatch, ReadRange, Shard, ShardFile, ShardFiles } from './contract';
import { KeyMerge } from './merge/key-merge';
import { KeyWalk } from './merge/key-walk';
import { readPoints } from './points';
import { readWal, type WalCut } from './wal/read-wal';
import type { WalContent } from './wal/wal-content';

/**
 * Opens a shard: its TSM files, where the later name wins, each less its own tombstones; and its WAL, which wins over all of them. The
 * shard owns the files from now on, also if this fails. Format: docs/storage-engine.md, "Where what is".
 *
 * @throws TsmError `NOT_TSM`, `DAMAGED`, `INCOMPLETE`, `UNREADABLE`
 */
export async function openShard({ files, wal = [] }: ShardFiles): Promise<Shard> {
  const sources = [...files.flatMap(({ source, tombstones }) => [source, tombstones]), ...wal];
  const close = async () => {
    for (const source of sources) await source?.close();
  };
  try {
    const readers: TsmReader[] = [];
    for (const { source, tombstones } of inOrder(files)) readers.push(await TsmReader.open(source, tombstones));
    const { content, cuts } = await readWal(wal);
    return new MergedShard(readers, content, cuts, close);
  } catch (error) {
    await close();
    throw error;
  }
}

class MergedShard implements Shard {
  readonly walCuts: readonly WalCut[];
  readonly close: () => Promise<void>;
  readonly #readers: readonly TsmReader[];
  readonly #wal: WalContent;

  constructor(readers: readonly TsmReader[], wal: WalContent, walCuts: readonly WalCut[], close: () => Promise<void>) {
    this.#readers = readers;
    this.#wal = wal;
    this.walCuts = walCuts;
    this.close = close;
  }

  async *columns(range: ReadRange = {}): AsyncGenerator<FieldColumn> {
    checkRange(range);
    const walk = new KeyWalk(this.#readers, this.#wal);
    const merge = new KeyMerge();
    for (let key = await walk.next(); key !== undefined; key = await walk.next()) {
      walk.collect(merge, range);
      const { seriesKey, field } = splitKey(key);
      for (let column = await merge.next(); column !== undefined; column = await merge.next()) {
        yield { seriesKey, field, column };
      }
    }
  }

  points(range: ReadRange = {}): AsyncGenerator<PointBatch> {
    checkRange(range);
    return readPoints(new KeyWalk(this.#readers, this.#wal), range);
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

function checkRange(range: ReadRange): void {
  check.names('ReadRange', range, ['from', 'to']);
  for (const [name, value] of Object.entries(range)) {
    check.that(value === undefined || typeof value === 'bigint', name, 'a bigint of nanoseconds', value);
  }
}
