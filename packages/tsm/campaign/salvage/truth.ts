import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { bytesSource, openShard, type Shard, TsmReader } from '@ceres/tsm';
import { addColumn, type Content } from '../fuzz/content';

/** A part of an intact TSM file: a block, and where its entry in the index lies. */
export interface Piece {
  readonly key: string;
  readonly times: readonly bigint[];
  /** The bytes on which it depends: the block, the key in the index, the entry of the block. */
  readonly ranges: readonly (readonly [from: number, to: number])[];
}

/** What an intact data directory holds. */
export interface Truth {
  readonly dataDir: string;
  /** All files in the order of their paths, relative to the folder above the data directory. */
  readonly files: readonly { readonly path: string; readonly sizeBytes: number }[];
  /** What a shard holds by its path `database/policy/id`. */
  readonly shards: ReadonlyMap<string, ShardTruth>;
}

export interface ShardTruth {
  /** The points as they are read from the intact directory. */
  readonly points: Content;
  /** Every value that any of its files holds, also those that were replaced or deleted, by key and time. */
  readonly everything: ReadonlyMap<string, ReadonlyMap<bigint, ReadonlySet<string>>>;
  /** The pieces of each TSM file, by its path. */
  readonly pieces: ReadonlyMap<string, readonly Piece[]>;
  /** The keys and times that each file holds, by its path. */
  readonly holders: ReadonlyMap<string, Content>;
}

/** Reads an intact data directory `root/data`, with `root/wal`. */
export async function readTruth(root: string): Promise<Truth> {
  const dataDir = join(root, 'data');
  const paths = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
  const files: { path: string; sizeBytes: number }[] = [];
  const byShard = new Map<string, string[]>();
  for (const path of paths) {
    files.push({ path, sizeBytes: usedBytes(path, await readFile(join(root, path))) });
    const shard = shardOf(path);
    if (shard !== undefined) byShard.set(shard, [...(byShard.get(shard) ?? []), path]);
  }
  const shards = new Map<string, ShardTruth>();
  for (const [shard, own] of byShard) shards.set(shard, await readShard(root, own));
  return { dataDir, files: files.filter(({ sizeBytes }) => sizeBytes > 0), shards };
}

/** Returns the shard to which a file belongs: `database/policy/id`. */
export function shardOf(path: string): string | undefined {
  return /^(?:data|wal)\/([^/]+\/(?!_series\/)[^/]+\/\d+)\//.exec(path)?.[1];
}

/** A segment of a series file is zeros for the most part: damage there would do nothing. */
function usedBytes(path: string, bytes: Uint8Array): number {
  return path.includes('/_series/') ? bytes.findLastIndex((byte) => byte !== 0) + 1 : bytes.length;
}

async function readShard(root: string, paths: readonly string[]): Promise<ShardTruth> {
  const source = async (path: string) => bytesSource(path, await readFile(join(root, path)));
  const tsm = paths.filter((path) => path.endsWith('.tsm'));
  const wal = paths.filter((path) => path.endsWith('.wal'));
  const everything = new Map<string, Map<bigint, Set<string>>>();
  const holders = new Map<string, Content>();
  const pieces = new Map<string, readonly Piece[]>();
  for (const path of [...tsm, ...wal]) {
    const alone = path.endsWith('.wal')
      ? await openShard({ files: [], wal: [await source(path)] })
      : await openShard({ files: [{ name: basename(path), source: await source(path) }] });
    const content = await contentOfShard(alone);
    holders.set(path, content);
    addTo(everything, content);
    if (path.endsWith('.tsm')) pieces.set(path, await piecesOf(await readFile(join(root, path))));
  }
  const files = await Promise.all(
    tsm.map(async (path) => {
      const tombstones = path.replace(/\.tsm$/, '.tombstone');
      const file = { name: basename(path), source: await source(path) };
      return paths.includes(tombstones) ? { ...file, tombstones: await source(tombstones) } : file;
    }),
  );
  const whole = await openShard({ files, wal: await Promise.all(wal.map(source)) });
  return { points: await contentOfShard(whole), everything, pieces, holders };
}

/** Reads a shard, and closes it. */
export async function contentOfShard(shard: Shard): Promise<Content> {
  const content: Content = new Map();
  for await (const { seriesKey, field, column } of shard.columns())
    addColumn(content, keyName(seriesKey, field), column);
  await shard.close();
  return content;
}

export function keyName(seriesKey: Uint8Array, field: Uint8Array): string {
  return `${Buffer.from(seriesKey).toString('latin1')}#!~#${Buffer.from(field).toString('latin1')}`;
}

function addTo(everything: Map<string, Map<bigint, Set<string>>>, content: Content): void {
  for (const [key, points] of content) {
    const times = everything.get(key) ?? new Map<bigint, Set<string>>();
    everything.set(key, times);
    for (const [time, value] of points) times.set(time, (times.get(time) ?? new Set()).add(value));
  }
}

async function piecesOf(bytes: Uint8Array): Promise<readonly Piece[]> {
  const reader = await TsmReader.open(bytesSource('', bytes));
  const pieces: Piece[] = [];
  let at = Number(Buffer.from(bytes).readBigUInt64BE(bytes.length - 8));
  for await (const { key, blocks } of reader.keys()) {
    const head = [at, at + 2 + key.length + 3] as const;
    for (const [i, { first, last, offset, sizeBytes }] of blocks.entries()) {
      const times: bigint[] = [];
      for await (const column of reader.read(key, { from: first, to: last }))
        times.push(...column.times.subarray(0, column.length));
      const entry = [head[1] + 28 * i, head[1] + 28 * (i + 1)] as const;
      pieces.push({
        key: Buffer.from(key).toString('latin1'),
        times,
        ranges: [[offset, offset + sizeBytes], head, entry],
      });
    }
    at = head[1] + 28 * blocks.length;
  }
  return pieces;
}
