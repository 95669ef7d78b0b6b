import { type FileSystem, makeDirectoryDurable } from '@ceres/internal';

/** Makes directories below one base durable, each of them only once. */
export class DurableDirectories {
  readonly #fs: FileSystem;
  readonly #base: string;
  /** Holds at most 10,000 paths: forgetting them costs a few fsyncs, remembering more costs memory. */
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

  /** Forgets what it has made. Call it when a directory is gone, for example because an operator removed old days. */
  forget(): void {
    this.#made.clear();
  }
}
