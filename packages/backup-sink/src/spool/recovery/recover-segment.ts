import { join } from 'node:path';
import type { FileHandle } from '@ceres/storage';
import type { Reporter } from '../../report/reporter';
import type { SpoolDisk } from '../disk/directories';
import { formatSpoolFileName, type SpoolFileName, type SpoolPartition } from '../layout';
import { frameLabelStart } from '../segment/frame';
import { readSegmentHeader, readUpTo, verifiedEndOf } from '../segment/read-segment';
import { keepDamage } from './keep-damage';

/** A segment that recovery sealed. */
export interface RecoveredSegment {
  readonly id: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/**
 * Cuts an open segment to its whole, verified frames, fsyncs it, and seals it under another name. A file without such a frame is
 * removed, and gives `undefined`. Reports where bytes were kept whose loss a crash alone does not explain.
 *
 * May be called again after it failed: damage is always kept in the same file.
 */
export async function recoverSegment(
  disk: SpoolDisk,
  { directory }: SpoolPartition,
  name: SpoolFileName,
  sealedId: string,
  reporter: Reporter,
): Promise<RecoveredSegment | undefined> {
  const { fs } = disk;
  const path = join(directory, formatSpoolFileName(name));
  const kept = join(directory, formatSpoolFileName({ id: name.id, kind: 'damaged', tried: false }));
  const { size } = await fs.lstat(path);
  const handle = await fs.open(path, 'r+');
  let verified = 0;
  let isLinked = false;
  try {
    verified = await verifiedEnd(handle, size);
    if (await holdsLaterFrame(handle, verified, size)) {
      isLinked = (await keepDamage(disk, path, verified, kept)) === 'linked';
      reporter.damaged(kept);
    }
    if (!isLinked) await handle.truncate(verified); // otherwise no more than the verified frames are read of it
    await handle.sync(); // syncs what was not cut, too: a killed process leaves it in memory only
  } finally {
    await handle.close();
  }
  if (verified === 0) {
    await fs.unlink(path);
    return undefined;
  }
  const sealed = join(directory, formatSpoolFileName({ id: sealedId, kind: 'lp', tried: false }));
  await disk.directories.move(path, sealed);
  return { id: sealedId, path: sealed, sizeBytes: verified };
}

/** Returns where the last whole, verified frame ends; 0 if there is none. */
async function verifiedEnd(handle: FileHandle, size: number): Promise<number> {
  const source = { handle, end: size };
  const header = await readSegmentHeader(source);
  if (header === undefined) return 0;
  const end = await verifiedEndOf(source, header);
  return end === header.end ? 0 : end;
}

const blockBytes = 1024 * 1024;

/**
 * Says if there is another frame behind the first that does not verify. A crash tears at most the one frame that was being
 * written, so another one means that acked lines were damaged on the disk.
 */
async function holdsLaterFrame(handle: FileHandle, from: number, size: number): Promise<boolean> {
  const label = `\n${frameLabelStart}`;
  const isHeaderless = from === 0;
  let seen = isHeaderless ? 0 : 1;
  for (let at = from; at < size; at += blockBytes) {
    const block = await readUpTo(handle, at, Math.min(blockBytes + label.length - 1, size - at));
    for (let i = block.indexOf(label); i >= 0; i = block.indexOf(label, i + 1)) seen += 1;
  }
  return seen > 1;
}
