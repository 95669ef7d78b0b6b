import type { Reporter } from '../../report/reporter';

/** What a file system may lack, and the sink works without. */
export type Lacking = 'fsync of directories' | 'hard links';

const consequences: Readonly<Record<Lacking, string>> = {
  'fsync of directories':
    'A crash of the process loses nothing. A crash of the host may lose files that were made shortly before it, and the acked lines in them.',
  'hard links':
    'A crash of the process loses nothing. A crash of the host may lose a file that is being renamed, if the file system keeps no journal.',
};

/** Says once what the file system of a spool cannot do, and what that costs. */
export class Limits {
  readonly #reporter: Reporter;
  readonly #spoolDir: string;
  readonly #said = new Set<Lacking>();

  constructor(reporter: Reporter, spoolDir: string) {
    this.#reporter = reporter;
    this.#spoolDir = spoolDir;
  }

  lacks(what: Lacking, cause?: unknown): void {
    if (this.#said.has(what)) return;
    this.#said.add(what);
    const why = cause instanceof Error ? ` (${cause.message})` : '';
    const message = `The file system of ${this.#spoolDir} has no ${what}${why}. ${consequences[what]} Put the spool on a local file system such as ext4 or xfs.`;
    this.#reporter.emit('limited', { path: this.#spoolDir, lacks: what, message });
  }
}
