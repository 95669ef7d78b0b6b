import type { RestoreProgress } from '@ceres/restore';
import { printJson, type Terminal } from '../terminal';
import { formatBytes, formatCount, formatDuration } from './format';

const redrawMs = 200;

/** Shows how far a restore has come. `end()` leaves the last state on the screen. */
export interface ProgressView {
  update(progress: RestoreProgress): void;
  end(): void;
}

/** Returns a view that prints NDJSON with `--json`, redraws one line on a terminal, and prints nothing into a pipe or file. */
export function progressView(terminal: Terminal, json: boolean): ProgressView {
  if (json) {
    return { update: (progress) => printJson(terminal, { event: 'progress', ...progress }), end: () => undefined };
  }
  if (terminal.stderr.isTTY !== true) return { update: () => undefined, end: () => undefined };
  return new ProgressLine(terminal);
}

class ProgressLine implements ProgressView {
  readonly #terminal: Terminal;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #last: RestoreProgress | undefined;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  update(progress: RestoreProgress): void {
    this.#last = progress;
    if (performance.now() - this.#drawnMs >= redrawMs) this.#draw(progress);
  }

  end(): void {
    if (this.#last === undefined) return;
    this.#draw(this.#last);
    this.#terminal.stderr.write('\n');
  }

  #draw(progress: RestoreProgress): void {
    this.#drawnMs = performance.now();
    const width = this.#terminal.stderr.columns ?? 80;
    this.#terminal.stderr.write(`\r\u001b[K${formatProgress(progress).slice(0, width - 1)}`);
  }
}

/** Returns a line such as ` 42 %  12/40 files  1,204,331 lines  168,000 lines/s  3.2 GiB of 7.6 GiB  ETA 0:41`. */
function formatProgress(progress: RestoreProgress): string {
  const { files, filesTotal, lines, bytes, bytesTotal, linesPerSecond, etaMs } = progress;
  const percent = bytesTotal === 0 ? 100 : Math.floor((100 * bytes) / bytesTotal);
  return [
    `${String(percent).padStart(3)} %`,
    `${formatCount(files)}/${formatCount(filesTotal)} files`,
    `${formatCount(lines)} lines`,
    `${formatCount(Math.round(linesPerSecond))} lines/s`,
    `${formatBytes(bytes)} of ${formatBytes(bytesTotal)}`,
    etaMs === undefined ? '' : `ETA ${formatDuration(etaMs)}`,
  ]
    .filter(Boolean)
    .join('  ');
}
