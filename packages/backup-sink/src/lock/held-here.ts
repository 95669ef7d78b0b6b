import * as nodeFs from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileSystem } from '@ceres/storage';

/** Where a spool is: its real path on this host's disks, or a file system that lives in this process. */
export type Place = string | FileSystem;

/** The ownerships of this process, which /proc cannot tell apart, by token. */
const held = new Map<string, Place>();

/** `file` was just written through `fs` with `content`. */
export async function placeOf(fs: FileSystem, file: string, content: string): Promise<Place> {
  try {
    if ((await nodeFs.readFile(file, 'utf8')) === content) return await nodeFs.realpath(dirname(file));
  } catch {
    // not on this host's disks
  }
  return fs;
}

export function hold(token: string, place: Place): void {
  held.set(token, place);
}

export function letGo(token: string): void {
  held.delete(token);
}

/** `copied`: this process owns the spool that this one was copied from. */
export function heldHere(token: string, place: Place): 'held' | 'copied' | 'no' {
  const own = held.get(token);
  if (own === undefined) return 'no';
  return own === place ? 'held' : 'copied';
}
