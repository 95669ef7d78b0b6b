import { RestoreError } from '../../errors';
import type { NameMap } from '../../options/name-map';
import type { PlanSource } from '../../plan/plan';
import { compiledBytes, databaseSizes, freeIn, workBytes } from '../space';

/** The space that compiling needs, as far as the sizes of compressed files can tell. */
export interface CompileSpace {
  /** What the scratch folder must hold: the largest database, since one is compiled after the other. */
  readonly scratchBytes: number;
  /** What the folder for the result must hold. */
  readonly outBytes: number;
}

export function spaceFor(source: PlanSource, map: NameMap, parts: number): CompileSpace {
  const sizes = databaseSizes(source, map);
  const bytes = sizes.reduce((sum, own) => sum + own, 0);
  return {
    scratchBytes: Math.ceil(workBytes(sizes[0] ?? 0) / parts),
    outBytes: Math.ceil(compiledBytes(bytes) / parts),
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
