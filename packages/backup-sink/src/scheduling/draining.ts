import { FileGone } from '../spool/files/relocate';
import type { SpoolFile } from '../spool/files/spool-file';
import type { SpoolWork } from '../spool/spool-work';
import { PacedStarts } from './turns';

/** A parked file is retried this often: a permission may have been granted. */
const parkedRetryMs = 3_600_000;

/** Brings a sealed file into the storage and out of the spool. */
export type Drain = (file: SpoolFile) => Promise<void>;

/** Runs one drain for each sealed file, reports those that fail, and knows when all have ended. */
export class Draining {
  readonly #drain: Drain;
  readonly #work: SpoolWork;
  readonly #starts = new PacedStarts();
  readonly #running = new Set<Promise<void>>();

  constructor(drain: Drain, work: SpoolWork) {
    this.#drain = drain;
    this.#work = work;
  }

  start(file: SpoolFile): void {
    const started = new Promise<void>((resolve) => this.#starts.start(() => resolve(this.#run(file))));
    const running = started.finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Starts again with those that have been parked for an hour, or with all parked files. */
  retryParked(which: 'due' | 'all'): void {
    const { backlog, clock } = this.#work;
    const nowMs = clock.now();
    for (const file of backlog.files()) {
      if (file.state !== 'parked') continue;
      if (which === 'due' && nowMs - file.parkedMs < parkedRetryMs) continue;
      file.retry();
      this.start(file);
    }
  }

  /** Resolves when no drain is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #run(file: SpoolFile): Promise<void> {
    const { backlog, reporter, signal } = this.#work;
    try {
      await this.#drain(file);
    } catch (error) {
      if (!signal.aborted) reporter.failed(error, file.path);
      if (error instanceof FileGone) backlog.remove(file);
    }
  }
}
