import { dirname, resolve } from 'node:path';
import { errnoOf, type FileSystem } from './file-system';

/** Makes the names in a directory survive a crash of the host: those linked, renamed or unlinked before this call. */
export async function syncDirectory(fs: FileSystem, path: string): Promise<void> {
  const handle = await fs.open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes `path`, with `base` and all between, and fsyncs the parent of each: a file in a directory whose own name is not
 * durable is lost with it. The parents are fsynced even if the directories were there: another process may have made
 * them a moment ago. Above `base` that holds only for what is missing.
 */
export async function makeDirectoryDurable(fs: FileSystem, base: string, path: string = base): Promise<void> {
  const top = await highestMissing(fs, resolve(base));
  await fs.mkdir(path, { recursive: true });
  for (const parent of parentsDown(top, resolve(path))) await syncDirectory(fs, parent);
}

/** Makes directories below one base durable, each only once. */
export class DurableDirectories {
  readonly #fs: FileSystem;
  readonly #base: string;
  /** Bounded: with the names of 10,000 directories, forgetting them costs a few fsyncs and remembering more costs memory. */
  readonly #made = new Set<string>();

  constructor(fs: FileSystem, base: string) {
    this.#fs = fs;
    this.#base = base;
  }

  async ensure(path: string): Promise<void> {
    if (this.#made.has(path)) return;
    await makeDirectoryDurable(this.#fs, this.#base, path);
    if (this.#made.size >= 10_000) this.#made.clear();
    this.#made.add(path);
  }

  /** To be called when one turns out to be gone, say because an operator removed old days. */
  forget(): void {
    this.#made.clear();
  }
}

/** The parents of `top`, of `bottom`, and of all between, outermost first. */
function parentsDown(top: string, bottom: string): string[] {
  const parents = [];
  for (let path = bottom; ; path = dirname(path)) {
    parents.unshift(dirname(path));
    if (path === top || path === dirname(path)) return parents;
  }
}

/** The highest directory above `base` that is missing; `base` itself if none is. */
async function highestMissing(fs: FileSystem, base: string): Promise<string> {
  let top = base;
  for (let path = base; await isMissing(fs, path); path = dirname(path)) top = path;
  return top;
}

async function isMissing(fs: FileSystem, path: string): Promise<boolean> {
  try {
    await fs.lstat(path);
    return false;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return true;
    throw error;
  }
}
