import { join } from 'node:path';
import { type FileSystem, syncDirectory } from '@ceres/storage';
import type { SpoolFile } from './backlog';
import { parseSpoolFileName, type SpoolFileName, type SpoolPartition } from './layout';
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
export async function recoverSpool(fs: FileSystem, spoolDir: string, events: RecoveryEvents): Promise<Recovered> {
  const files: SpoolFile[] = [];
  let lastNameMs = 0;
  for await (const found of findPartitions(fs, spoolDir, events)) {
    const byId = groupById(found, events);
    for (const [id, names] of byId) {
      lastNameMs = Math.max(lastNameMs, uuidMs(id));
      try {
        const file = await recoverFile(fs, found.partition, names, events);
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
  fs: FileSystem,
  partition: SpoolPartition,
  names: readonly FoundName[],
  events: RecoveryEvents,
): Promise<SpoolFile | undefined> {
  const furthest = furthestFirst
    .flatMap((kind) => [true, false].map((tried) => names.find((name) => name.kind === kind && name.tried === tried)))
    .find((name) => name !== undefined);
  const others = names.filter((name) => name !== furthest);
  // What was seen may not be on the disk yet, only in the kernel's memory: fsync it before what it was made from goes.
  if (others.length > 0) await syncDirectory(fs, partition.directory);
  for (const { path } of others) await fs.unlink(path);
  if (furthest === undefined) return undefined;

  const { id, kind, tried, path } = furthest;
  const common = { partition, lines: 0, facts: undefined, sinceMs: uuidMs(id) };
  if (kind === 'gz' || kind === 'lp') {
    const { size } = await fs.lstat(path);
    return { ...common, id, state: kind === 'gz' ? 'packed' : 'sealed', path, sizeBytes: size, tried };
  }
  const segment = await recoverSegment(fs, partition, furthest);
  if (segment === undefined) return undefined;
  if (segment.damage !== undefined) events.damaged(segment.damage);
  const { sizeBytes } = segment;
  return { ...common, id: segment.id, state: 'sealed', path: segment.path, sizeBytes, tried: false };
}
