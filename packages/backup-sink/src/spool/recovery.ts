import { join } from 'node:path';
import type { FileSystem } from '@ceres/storage';
import type { SpoolFile } from './backlog';
import type { SpoolDirectories } from './directories';
import { formatTemporaryName, parseSpoolFileName, type SpoolFileName, type SpoolPartition } from './layout';
import { uuidMs } from './names';
import { recoverSegment } from './recover-segment';
import { furthestFirst } from './relocate';
import { type FoundPartition, findPartitions } from './walk';

/** What an earlier run left in the spool. */
export interface Recovered {
  /** Sealed and packed files, in the order of their names. */
  readonly files: readonly SpoolFile[];
  /** Of the newest name found, ms; 0 if there is none. */
  readonly lastNameMs: number;
}

interface Disk {
  readonly fs: FileSystem;
  readonly directories: SpoolDirectories;
}

/** What recovery tells of, and leaves alone. */
export interface RecoveryEvents {
  /** A file or directory that this package did not make, or that a broken disk left. */
  unknown(path: string): void;
  /** A file that could not be read or mended now; the next open tries again. */
  failed(error: unknown, path: string): void;
  /** Acked bytes that the disk did not keep, and where what is left of them is. */
  damaged(path: string): void;
}

/**
 * Brings every file of a spool into one of the states that uploading starts from (the table in layout.ts), whatever
 * moment a crash stopped the last run at. Acked lines are not judged again.
 *
 * @throws the file system's error if a directory cannot be read
 */
export async function recoverSpool(disk: Disk, spoolDir: string, events: RecoveryEvents): Promise<Recovered> {
  const files: SpoolFile[] = [];
  let lastNameMs = 0;
  for await (const found of findPartitions(disk.fs, spoolDir, events)) {
    const byId = groupById(found, events);
    if (byId.size > 0) disk.directories.trust(found.partition.directory);
    for (const [id, names] of byId) {
      lastNameMs = Math.max(lastNameMs, uuidMs(id));
      try {
        const file = await recoverFile(disk, found.partition, names, events);
        if (file !== undefined) files.push(file);
      } catch (error) {
        events.failed(error, join(found.partition.directory, id));
      }
    }
  }
  files.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { files, lastNameMs };
}

interface FoundName extends SpoolFileName {
  readonly path: string;
}

function groupById({ partition, names }: FoundPartition, events: RecoveryEvents): Map<string, FoundName[]> {
  const byId = new Map<string, FoundName[]>();
  for (const name of names) {
    const path = join(partition.directory, name);
    const parsed = parseSpoolFileName(name);
    if (parsed === undefined || parsed.kind === 'damaged') {
      events.unknown(path);
      continue;
    }
    const sameId = byId.get(parsed.id) ?? [];
    sameId.push({ ...parsed, path });
    byId.set(parsed.id, sameId);
  }
  return byId;
}

async function recoverFile(
  disk: Disk,
  partition: SpoolPartition,
  names: readonly FoundName[],
  events: RecoveryEvents,
): Promise<SpoolFile | undefined> {
  const furthest = furthestFirst
    .flatMap((kind) => [true, false].map((tried) => names.find((name) => name.kind === kind && name.tried === tried)))
    .find((name) => name !== undefined);
  const others = names.filter((name) => name !== furthest);
  if (furthest !== undefined && others.some(({ kind }) => kind !== 'gz.tmp')) await nameAnew(disk, partition, furthest);
  for (const { path } of others) await disk.fs.unlink(path);
  if (furthest === undefined) return undefined;

  const { id, kind, tried, path } = furthest;
  const common = { partition, lines: 0, facts: undefined, sinceMs: uuidMs(id) };
  if (kind === 'gz' || kind === 'lp') {
    const { size } = await disk.fs.lstat(path);
    return { ...common, id, state: kind === 'gz' ? 'packed' : 'sealed', path, sizeBytes: size, tried };
  }
  const segment = await recoverSegment(disk, partition, furthest);
  if (segment === undefined) return undefined;
  if (segment.damage !== undefined) events.damaged(segment.damage);
  const { sizeBytes } = segment;
  return { ...common, id: segment.id, state: 'sealed', path: segment.path, sizeBytes, tried: false };
}

/**
 * The run before may have failed to fsync this name: it is made again, and durable, before what the file was made from goes. Meanwhile
 * it is called as if it were being compressed: should a crash stop this, the next open removes it, and makes it again.
 */
async function nameAnew(
  { fs, directories }: Disk,
  { directory }: SpoolPartition,
  { id, path }: FoundName,
): Promise<void> {
  const aside = join(directory, formatTemporaryName(id));
  await directories.change(directory, async () => {
    await fs.rename(path, aside);
    await fs.rename(aside, path);
  });
}
