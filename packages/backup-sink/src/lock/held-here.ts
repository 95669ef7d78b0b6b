import * as nodeFs from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileSystem } from '@ceres/storage';

/** The place of a spool: its real path on this host's disks, or a file system that exists only in this process. */
export type Place = string | FileSystem;

/** The places that this process owns, by token: /proc cannot tell two owners in one process apart. */
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

export function hold(token: string, place: Place): void {
  held.set(token, place);
}

export function letGo(token: string): void {
  held.delete(token);
}

/** Says if this process holds the spool; `copied` means that it holds the one that this spool is a copy of. */
export function heldHere(token: string, place: Place): 'held' | 'copied' | 'no' {
  const own = held.get(token);
  if (own === undefined) return 'no';
  return own === place ? 'held' : 'copied';
}
