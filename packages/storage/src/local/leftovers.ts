import { join } from 'node:path';
import { type Clock, errnoOf, type FileSystem, ifExists } from '@ceres/internal';
import { temporaryFolder } from './names/paths';

const hourMs = 3_600_000;
/** No put takes a day: a crash left what is older. */
const leftoverAgeMs = 24 * hourMs;

/** Removes what crashed writers left in the temporary folder. */
export class Leftovers {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #clock: Clock;
  #sweptMs = -Infinity;

  constructor(fs: FileSystem, rootDir: string, clock: Clock) {
    this.#fs = fs;
    this.#folder = join(rootDir, temporaryFolder);
    this.#clock = clock;
  }

  /** Removes what is old at the first call, and then at most once an hour. */
  async sweepIfDue(): Promise<void> {
    const nowMs = this.#clock.now();
    if (nowMs - this.#sweptMs < hourMs) return;
    this.#sweptMs = nowMs;
    try {
      for (const name of await this.#fs.readdir(this.#folder)) await this.#removeIfOld(join(this.#folder, name), nowMs);
    } catch (error) {
      // Leftovers cost only space: they are no reason to fail a put, and the next sweep tries again.
      if (errnoOf(error) === undefined) throw error;
    }
  }

  async #removeIfOld(path: string, nowMs: number): Promise<void> {
    const stats = await ifExists(this.#fs.lstat(path));
    if (stats?.isFile() && nowMs - stats.mtimeMs > leftoverAgeMs) await this.#fs.unlink(path);
  }
}
