import { statfs } from 'node:fs/promises';
import { RestoreError } from '../../errors';
import type { NameMap } from '../../options/name-map';
import type { PlanSource } from '../../plan/plan';

/**
 * How many bytes of TSM files a byte of compressed lines may become: 1.2 for few series with many points each and 2.2 for many series with few
 * (measured), and more where lines repeat themselves. Twice that while runs are merged.
 */
const scratchFactor = 4;
const outFactor = 3;

/** The space that compiling needs, as far as the sizes of compressed files can tell. */
export interface CompileSpace {
  /** What the scratch folder must hold: the largest database, since one is compiled after the other. */
  readonly scratchBytes: number;
  /** What the folder for the result must hold. */
  readonly outBytes: number;
}

export function spaceFor({ partitions, bytes }: PlanSource, map: NameMap, parts: number): CompileSpace {
  const byDatabase = new Map<string, number>();
  for (const { database, bytes: own } of partitions) {
    const name = map.database(database);
    byDatabase.set(name, (byDatabase.get(name) ?? 0) + own);
  }
  const largest = Math.max(0, ...byDatabase.values());
  return {
    scratchBytes: Math.ceil((scratchFactor * largest) / parts),
    outBytes: Math.ceil((outFactor * bytes) / parts),
  };
}

/** @throws RestoreError `SCRATCH_FULL` if a folder has less free space than compiling needs there */
export async function refuseLackOfSpace(space: CompileSpace, scratchDir: string, outDir: string): Promise<void> {
  const [scratch, out] = [await freeIn(scratchDir), await freeIn(outDir)];
  const isShared = scratch !== undefined && scratch.type === out?.type && scratch.free === out.free;
  const scratchNeeded = space.scratchBytes + (isShared ? space.outBytes : 0);
  if (scratch !== undefined && scratch.free < scratchNeeded) {
    throw lacks(`The scratch folder ${scratchDir}`, scratchNeeded, scratch.free, 'scratchDir (--scratch-dir)');
  }
  if (out !== undefined && out.free < space.outBytes) {
    throw lacks(`The folder ${outDir}`, space.outBytes, out.free, 'out (--out)');
  }
}

function lacks(folder: string, needed: number, free: number, option: string): RestoreError {
  const problem = `${folder} needs about ${needed} bytes, and has ${free}.`;
  return new RestoreError(
    'SCRATCH_FULL',
    `${problem} Free space there, choose another folder with ${option}, or compile in parts.`,
  );
}

async function freeIn(path: string): Promise<{ readonly free: number; readonly type: number } | undefined> {
  try {
    const { bavail, bsize, type } = await statfs(path);
    return { free: bavail * bsize, type };
  } catch {
    return undefined; // what cannot be asked is noticed when the disk is full
  }
}
