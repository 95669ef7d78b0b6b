import type { Clock } from '@ceres/storage';
import type { RestoreProgress } from '../options/restore';

const reportEveryMs = 250;
/** The reported rate is that of the last `windowMs`. */
const windowMs = 10_000;

interface Sample {
  readonly atMs: number;
  readonly lines: number;
  readonly bytes: number;
}

/** Tracks how far a restore has come, and reports it to `onProgress` a few times a second while something happens. */
export class Progress {
  readonly #total: { readonly files: number; readonly bytes: number };
  readonly #clock: Clock;
  readonly #report: ((progress: RestoreProgress) => void) | undefined;
  #files = 0;
  #lines = 0;
  #bytes = 0;
  #reportedMs = -Infinity;
  #samples: Sample[];

  constructor(
    total: { readonly files: number; readonly bytes: number },
    clock: Clock,
    report: ((progress: RestoreProgress) => void) | undefined,
  ) {
    this.#total = total;
    this.#clock = clock;
    this.#report = report;
    this.#samples = [{ atMs: clock.now(), lines: 0, bytes: 0 }];
  }

  /** Counts a file that an earlier run has done. It says nothing about the rate of this run. */
  doneBefore({ lines, sizeBytes }: { readonly lines: number; readonly sizeBytes: number }): void {
    this.#files += 1;
    this.#lines += lines;
    this.#bytes += sizeBytes;
    this.#samples = [{ atMs: this.#clock.now(), lines: this.#lines, bytes: this.#bytes }];
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
    this.#samples.push({ atMs: nowMs, lines: this.#lines, bytes: this.#bytes });
    while ((this.#samples[1]?.atMs ?? Infinity) <= nowMs - windowMs) this.#samples.shift();
    this.#report(this.#state(nowMs));
  }

  #state(nowMs: number): RestoreProgress {
    const { files: filesTotal, bytes: bytesTotal } = this.#total;
    const first = this.#samples[0] ?? { atMs: nowMs, lines: 0, bytes: 0 };
    const seconds = Math.max(0.001, (nowMs - first.atMs) / 1000);
    const bytesPerSecond = (this.#bytes - first.bytes) / seconds;
    const bytesLeft = Math.max(0, bytesTotal - this.#bytes);
    return {
      files: this.#files,
      filesTotal,
      lines: this.#lines,
      bytes: this.#bytes,
      bytesTotal,
      linesPerSecond: Math.round((this.#lines - first.lines) / seconds),
      etaMs: bytesPerSecond > 0 ? Math.round((bytesLeft / bytesPerSecond) * 1000) : undefined,
    };
  }
}
