import type { Clock } from '@ceres/storage';
import type { RestoreProgress } from '../options/restore';

const reportEveryMs = 250;
/** The speed shown is that of so long. */
const windowMs = 10_000;

interface Sample {
  readonly atMs: number;
  readonly lines: number;
  readonly bytes: number;
}

/** How far a restore is: told to `onProgress` a few times a second while something happens. */
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

  /** Done by an earlier run: it counts, but says nothing about speed. */
  doneBefore({ lines, sizeBytes }: { readonly lines: number; readonly sizeBytes: number }): void {
    this.#files += 1;
    this.#lines += lines;
    this.#bytes += sizeBytes;
    this.#samples = [{ atMs: this.#clock.now(), lines: this.#lines, bytes: this.#bytes }];
  }

  fileDone(): void {
    this.#files += 1;
    this.#tick();
  }

  /** Compressed bytes. */
  read(bytes: number): void {
    this.#bytes += bytes;
    this.#tick();
  }

  stored(lines: number): void {
    this.#lines += lines;
    this.#tick();
  }

  /** The last one. */
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
