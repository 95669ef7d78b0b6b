import type { Clock } from '@ceres/storage';
import type { RestoreProgress } from '../options/restore';
import { Rate } from '../progress/rate';
import type { ServerEvent } from '../progress/server-watch';

const reportEveryMs = 250;

/** Tracks how far a restore has come, and reports it to `onProgress` a few times a second while something happens. */
export class Progress {
  readonly #total: { readonly files: number; readonly bytes: number };
  readonly #clock: Clock;
  readonly #report: ((progress: RestoreProgress) => void) | undefined;
  #files = 0;
  #lines = 0;
  #bytes = 0;
  #reportedMs = -Infinity;
  readonly #lineRate: Rate;
  readonly #byteRate: Rate;
  #isServerAway = false;

  constructor(
    total: { readonly files: number; readonly bytes: number },
    clock: Clock,
    report: ((progress: RestoreProgress) => void) | undefined,
  ) {
    this.#total = total;
    this.#clock = clock;
    this.#report = report;
    this.#lineRate = new Rate(clock.now());
    this.#byteRate = new Rate(clock.now());
  }

  /** Counts a file that an earlier run has done. It says nothing about the rate of this run. */
  doneBefore({ lines, sizeBytes }: { readonly lines: number; readonly sizeBytes: number }): void {
    this.#files += 1;
    this.#lines += lines;
    this.#bytes += sizeBytes;
    this.#restartRates();
  }

  /** Notes that the server is away or back. Only the rate after its return says how long the rest takes. */
  server({ state }: ServerEvent): void {
    this.#isServerAway = state === 'away';
    this.#restartRates();
    this.#report?.(this.#state(this.#clock.now()));
  }

  /** Counts a file that is done. */
  fileDone(): void {
    this.#files += 1;
    this.#tick();
  }

  /** Counts compressed bytes that were read. */
  read(bytes: number): void {
    this.#bytes += bytes;
    this.#tick();
  }

  /** Counts records that the server stores. */
  stored(lines: number): void {
    this.#lines += lines;
    this.#tick();
  }

  /** Reports once more, at the end. */
  end(): void {
    this.#report?.(this.#state(this.#clock.now()));
  }

  #tick(): void {
    if (this.#report === undefined) return;
    const nowMs = this.#clock.now();
    if (nowMs - this.#reportedMs < reportEveryMs) return;
    this.#reportedMs = nowMs;
    this.#lineRate.note(nowMs, this.#lines);
    this.#byteRate.note(nowMs, this.#bytes);
    this.#report(this.#state(nowMs));
  }

  #restartRates(): void {
    this.#lineRate.restart(this.#clock.now(), this.#lines);
    this.#byteRate.restart(this.#clock.now(), this.#bytes);
  }

  #state(nowMs: number): RestoreProgress {
    const { files: filesTotal, bytes: bytesTotal } = this.#total;
    const bytesPerSecond = this.#isServerAway ? 0 : this.#byteRate.perSecond(nowMs, this.#bytes);
    const bytesLeft = Math.max(0, bytesTotal - this.#bytes);
    return {
      files: this.#files,
      filesTotal,
      lines: this.#lines,
      bytes: Math.min(this.#bytes, bytesTotal), // A damaged file is read again on each resume.
      bytesTotal,
      linesPerSecond: this.#isServerAway ? 0 : Math.round(this.#lineRate.perSecond(nowMs, this.#lines)),
      isServerAway: this.#isServerAway,
      etaMs: bytesPerSecond > 0 ? Math.round((bytesLeft / bytesPerSecond) * 1000) : undefined,
    };
  }
}
