import type { Clock } from '@ceres/storage';
import type { Reporter } from './report/reporter';
import type { Backlog, SpoolFile } from './spool/files/backlog';
import { FileGone } from './spool/files/relocate';
import type { Packed } from './stages/compress';
import type { UploadOutcome } from './stages/upload';

/** The last stages, and what they share. */
export interface DrainSteps {
  /** Of a file that could not be recovered at open; tries for ever. Resolves with whether it holds anything. */
  recover(file: SpoolFile): Promise<boolean>;
  compress(file: SpoolFile): Promise<Packed | undefined>;
  upload(file: SpoolFile, packed: Packed): Promise<UploadOutcome>;
  /** Removes a file from the spool that is stored, or nothing but damage; tries for ever. */
  discard(file: SpoolFile): Promise<void>;
  readonly backlog: Backlog;
  readonly reporter: Reporter;
  readonly clock: Clock;
  /** Aborts when the sink closes or loses its spool: what is not stored then stays for the next open. */
  readonly signal: AbortSignal;
}

/** A parked file is tried again so often: a permission may have been mended. */
const parkedRetryMs = 3_600_000;

/** Takes sealed files to the storage and out of the spool. */
export class Draining {
  readonly #steps: DrainSteps;
  readonly #running = new Set<Promise<void>>();

  constructor(steps: DrainSteps) {
    this.#steps = steps;
  }

  start(file: SpoolFile): void {
    const running = this.#drain(file).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Those parked for an hour, or all. */
  retryParked(which: 'due' | 'all'): void {
    const { backlog, clock } = this.#steps;
    const nowMs = clock.now();
    for (const file of backlog.files()) {
      if (file.state !== 'parked') continue;
      if (which === 'due' && nowMs - (file.parkedMs ?? 0) < parkedRetryMs) continue;
      file.state = file.path.endsWith('.gz') ? 'packed' : 'sealed';
      this.start(file);
    }
  }

  /** Resolves when nothing is on its way any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #drain(file: SpoolFile): Promise<void> {
    const { backlog, reporter, clock, signal } = this.#steps;
    try {
      if (file.state === 'found' && !(await this.#steps.recover(file))) return backlog.forget(file);
      const packed = await this.#steps.compress(file);
      if (packed === undefined) return await this.#steps.discard(file); // the damage was told of, and is kept beside it
      const { sizeBytes } = packed.body;
      const outcome = await this.#steps.upload(file, packed).finally(() => packed.release());
      if ('refused' in outcome) {
        backlog.park(file, outcome.refused, clock.now());
        reporter.tell('parked', { path: file.path, error: outcome.refused });
        return;
      }
      backlog.stored(file);
      reporter.tell('stored', { key: outcome.stored, bytes: sizeBytes, ageMs: clock.now() - file.sinceMs });
      await this.#steps.discard(file);
    } catch (error) {
      if (!signal.aborted) reporter.fault(error, file.path);
      if (error instanceof FileGone) backlog.remove(file);
    }
  }
}
