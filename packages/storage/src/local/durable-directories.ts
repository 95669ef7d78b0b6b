import type { FileSystem } from '@ceres/internal';
import { makeDirectoryDurable } from '@ceres/internal';

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
