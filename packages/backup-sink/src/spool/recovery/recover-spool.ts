import { join } from 'node:path';
import type { FileSystem } from '@ceres/storage';
import type { Reporter } from '../../report/reporter';
import type { SpoolDisk } from '../disk/directories';
import type { FoundName, RecoveredFile } from '../files/file-changes';
import { isWholeGz, setAside } from '../files/prove-gz';
import { furthestFirst } from '../files/relocate';
import { SpoolFile } from '../files/spool-file';
import { formatTemporaryName, isDamage, parseSpoolFileName, type SpoolPartition } from '../layout';
import { sameMomentName, uuidMs } from '../names';
import { type FoundPartition, findPartitions } from './find-partitions';
import { recoverSegment } from './recover-segment';

/** What an earlier run left in the spool. */
export interface RecoveredSpool {
  /** Sealed and compressed files, and those that are to be recovered later, in the order of their names. */
  readonly files: readonly SpoolFile[];
  /** The time of the newest name found, in ms; 0 if there is none. */
  readonly lastNameMs: number;
}

/**
 * Brings every file of a spool into one of the states that uploading starts from (the table in layout.ts), whatever
 * moment a crash stopped the last run at. Acked lines are not validated again. A file for which a call to the disk fails stays
 * `found`, and is recovered later.
 *
 * Reports, and leaves alone, what this package did not make; the next open tries again to read a directory that could not be read.
 *
 * @param answered is called before each file
 * @throws the file system's error if a directory cannot be read
 */
export async function recoverSpool(
  disk: SpoolDisk,
  spoolDir: string,
  nowMs: number,
  reporter: Reporter,
  answered: () => void,
): Promise<RecoveredSpool> {
  const files: SpoolFile[] = [];
  let lastNameMs = 0;
  for await (const found of findPartitions(disk.fs, spoolDir, reporter)) {
    const byId = groupById(found, reporter);
    if (byId.size > 0) disk.directories.trust(found.partition.directory);
    for (const [id, names] of byId) {
      answered();
      lastNameMs = Math.max(lastNameMs, uuidMs(id));
      const file = foundFile(found.partition, id, nowMs);
      try {
        const recovered = await recoverFile(disk, file, names, reporter);
        if (recovered === undefined) continue;
        file.recover(recovered);
      } catch (error) {
        reporter.failed(error, file.path);
        await inspect(disk.fs, file, names);
      }
      files.push(file);
    }
  }
  files.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { files, lastNameMs };
}

/** The clock may have been set back since the file was opened: its age then counts from now. */
function foundFile(partition: SpoolPartition, id: string, nowMs: number): SpoolFile {
  const path = join(partition.directory, id);
  return SpoolFile.found({ partition, id, path, sinceMs: Math.min(uuidMs(id), nowMs) }, sameMomentName(id));
}

/** Records what is known of a file that could not be recovered. */
async function inspect(fs: FileSystem, file: SpoolFile, names: readonly FoundName[]): Promise<void> {
  const path = furthestOf(names)?.path;
  if (path === undefined) return;
  let sizeBytes = 0;
  try {
    sizeBytes = (await fs.lstat(path)).size;
  } catch {
    // late recovery meets the disk's error again, and reports it as often as it fails
  }
  file.inspect(path, sizeBytes);
}

function groupById({ partition, names }: FoundPartition, reporter: Reporter): Map<string, FoundName[]> {
  const byId = new Map<string, FoundName[]>();
  for (const name of names) {
    const path = join(partition.directory, name);
    const parsed = parseSpoolFileName(name);
    if (parsed === undefined || isDamage(parsed.kind)) {
      reporter.emit('unknown', { path });
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

/**
 * Recovers one file from its names. May be called again after it failed. Resolves with `undefined` for a file that held nothing acked,
 * and is removed.
 */
export async function recoverFile(
  disk: SpoolDisk,
  { partition, id: foundId, nextId = sameMomentName(foundId) }: SpoolFile,
  found: readonly FoundName[],
  reporter: Reporter,
): Promise<RecoveredFile | undefined> {
  const names = await withoutDamage(disk, found, reporter);
  const furthest = furthestOf(names);
  const others = names.filter((name) => name !== furthest);
  const wasMadeFromOthers = furthest !== undefined && others.some(({ kind }) => kind !== 'gz.tmp');
  if (wasMadeFromOthers) await renameAgain(disk, partition, furthest);
  for (const { path } of others) await disk.fs.unlink(path);
  if (furthest === undefined) return undefined;

  const { id, kind, tried, path } = furthest;
  if (kind === 'gz' || kind === 'lp') {
    const { size } = await disk.fs.lstat(path);
    return { id, state: kind === 'gz' ? 'compressed' : 'sealed', path, sizeBytes: size, tried };
  }
  const segment = await recoverSegment(disk, partition, furthest, nextId, reporter);
  return segment && { ...segment, state: 'sealed', tried: false };
}

/** Sets a damaged `.gz` aside while what it was made from is still there. One that stands alone is proven when it is put. */
async function withoutDamage(
  disk: SpoolDisk,
  names: readonly FoundName[],
  reporter: Reporter,
): Promise<readonly FoundName[]> {
  const gz = furthestOf(names);
  const hasSource = names.some(({ kind }) => kind === 'lp');
  if (gz?.kind !== 'gz' || !hasSource || (await isWholeGz(disk.fs, gz.path))) return names;
  reporter.damagedGz(await setAside(disk, gz.path, gz.id));
  return names.filter((name) => name !== gz);
}

/**
 * Gives a file its name once more, since the run before may have failed to fsync it, and makes that durable before what the file was
 * made from is removed. In between it has the name of a file that is being compressed: should a crash stop this, the next open
 * removes it, and makes it again.
 */
async function renameAgain(
  { fs, directories }: SpoolDisk,
  { directory }: SpoolPartition,
  { id, path }: FoundName,
): Promise<void> {
  const aside = join(directory, formatTemporaryName(id));
  await directories.change(directory, async () => {
    await fs.rename(path, aside);
    await fs.rename(aside, path);
  });
}
