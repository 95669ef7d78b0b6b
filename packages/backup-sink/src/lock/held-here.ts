import * as nodeFs from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileSystem } from '@ceres/storage';

/** The place of a spool: its real path on this host's disks, or a file system that exists only in this process. */
export type Place = string | FileSystem;

/** The places that this thread owns, by token: /proc cannot tell two owners in one thread apart. */
const held = new Map<string, Place>();

/** Returns the place of a spool in which `file` was just written through `fs` with `content`. */
export async function placeOf(fs: FileSystem, file: string, content: string): Promise<Place> {
  try {
    if ((await nodeFs.readFile(file, 'utf8')) === content) return await nodeFs.realpath(dirname(file));
  } catch {
    // the file is not on this host's disks
  }
  return fs;
}

/** The tokens of locks that this thread let go, and that are still in the spool because the disk did not take their release. */
const left = new Set<string>();

export function hold(token: string, place: Place): void {
  held.set(token, place);
}

export function letGo(token: string): void {
  held.delete(token);
}

/** Says that the lock stays in the spool although nothing here uses the spool any more. */
export function leave(token: string): void {
  left.add(token);
}

/**
 * Says if this thread holds the spool. `left`: it did, and is done with it; `copied`: it holds the one that this spool is a copy of.
 */
export function heldHere(token: string, place: Place): 'held' | 'left' | 'copied' | 'no' {
  if (left.has(token)) return 'left';
  const own = held.get(token);
  if (own === undefined) return 'no';
  return own === place ? 'held' : 'copied';
}
