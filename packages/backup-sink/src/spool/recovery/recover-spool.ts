import { join } from 'node:path';
import type { FileSystem } from '@ceres/storage';
import type { SpoolDirectories } from '../disk/directories';
import type { SpoolFile } from '../files/backlog';
import { furthestFirst } from '../files/relocate';
import { formatTemporaryName, parseSpoolFileName, type SpoolFileName, type SpoolPartition } from '../layout';
import { sameMomentName, uuidMs } from '../names';
import { type FoundPartition, findPartitions } from './find-partitions';
import { recoverSegment } from './recover-segment';

/** What an earlier run left in the spool. */
export interface Recovered {
  /** Sealed and packed files, and those that are to be recovered later, in the order of their names. */
  readonly files: readonly SpoolFile[];
  /** Of the newest name found, ms; 0 if there is none. */
  readonly lastNameMs: number;
}

export interface RecoveryDisk {
  readonly fs: FileSystem;
  readonly directories: SpoolDirectories;
}

/** What recovery tells of, and leaves alone. */
export interface RecoveryEvents {
  /** A file or directory that this package did not make, or that a broken disk left. */
  unknown(path: string): void;
  /** A file that could not be read or mended now, which is tried again; or a directory, which the next open tries. */
  failed(error: unknown, path: string): void;
  /** Acked bytes that the disk did not keep, and where what is left of them is. */
  damaged(path: string): void;
}

/**
 * Brings every file of a spool into one of the states that uploading starts from (the table in layout.ts), whatever
 * moment a crash stopped the last run at. Acked lines are not judged again. A file of which a call to the disk fails stays `found`.
 *
 * @throws the file system's error if a directory cannot be read
 */
export async function recoverSpool(
  disk: RecoveryDisk,
  spoolDir: string,
  nowMs: number,
  events: RecoveryEvents,
): Promise<Recovered> {
  const files: SpoolFile[] = [];
  let lastNameMs = 0;
  for await (const found of findPartitions(disk.fs, spoolDir, events)) {
    const byId = groupById(found, events);
    if (byId.size > 0) disk.directories.trust(found.partition.directory);
    for (const [id, names] of byId) {
      lastNameMs = Math.max(lastNameMs, uuidMs(id));
      const file = foundFile(found.partition, id, nowMs);
      try {
        const recovered = await recoverFile(disk, file, names, events);
        if (recovered !== undefined) files.push(Object.assign(file, recovered));
      } catch (error) {
        events.failed(error, file.path);
        files.push(Object.assign(file, await lookAt(disk.fs, names)));
      }
    }
  }
  files.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { files, lastNameMs };
}

/** A name of the spool, and where it is. */
export interface FoundName extends SpoolFileName {
  readonly path: string;
}

/** What recovery makes of a file. */
export type RecoveredFacts = Pick<SpoolFile, 'id' | 'state' | 'path' | 'sizeBytes' | 'tried'>;

/** The clock may have been set back since it was opened: its age then counts from now. */
function foundFile(partition: SpoolPartition, id: string, nowMs: number): SpoolFile {
  return {
    ...{ partition, id, nextId: sameMomentName(id), state: 'found', path: join(partition.directory, id) },
    ...{ sizeBytes: 0, tried: false, lines: 0, facts: undefined, sinceMs: Math.min(uuidMs(id), nowMs) },
  };
}

/** What can be said of a file that could not be recovered. */
async function lookAt(fs: FileSystem, names: readonly FoundName[]): Promise<Partial<SpoolFile>> {
  const path = furthestOf(names)?.path;
  if (path === undefined) return {};
  try {
    return { path, sizeBytes: (await fs.lstat(path)).size };
  } catch {
    return { path }; // what the disk says is told by recovery, as often as it fails
  }
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

function furthestOf(names: readonly FoundName[]): FoundName | undefined {
  return furthestFirst
    .flatMap((kind) => [true, false].map((tried) => names.find((name) => name.kind === kind && name.tried === tried)))
    .find((name) => name !== undefined);
}

/** May be called again after it failed. `undefined` for a file that held nothing acked, and is removed. */
export async function recoverFile(
  disk: RecoveryDisk,
  { partition, id: foundId, nextId = sameMomentName(foundId) }: SpoolFile,
  names: readonly FoundName[],
  events: RecoveryEvents,
): Promise<RecoveredFacts | undefined> {
  const furthest = furthestOf(names);
  const others = names.filter((name) => name !== furthest);
  if (furthest !== undefined && others.some(({ kind }) => kind !== 'gz.tmp')) await nameAnew(disk, partition, furthest);
  for (const { path } of others) await disk.fs.unlink(path);
  if (furthest === undefined) return undefined;

  const { id, kind, tried, path } = furthest;
  if (kind === 'gz' || kind === 'lp') {
    const { size } = await disk.fs.lstat(path);
    return { id, state: kind === 'gz' ? 'packed' : 'sealed', path, sizeBytes: size, tried };
  }
  const segment = await recoverSegment(disk, partition, furthest, nextId, events.damaged);
  return segment && { ...segment, state: 'sealed', tried: false };
}

/**
 * The run before may have failed to fsync this name: it is made again, and durable, before what the file was made from goes. Meanwhile
 * it is called as if it were being compressed: should a crash stop this, the next open removes it, and makes it again.
 */
async function nameAnew(
  { fs, directories }: RecoveryDisk,
  { directory }: SpoolPartition,
  { id, path }: FoundName,
): Promise<void> {
  const aside = join(directory, formatTemporaryName(id));
  await directories.change(directory, async () => {
    await fs.rename(path, aside);
    await fs.rename(aside, path);
  });
}
