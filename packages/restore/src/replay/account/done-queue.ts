import type { DoneFile } from '../../journal/done-files';
import type { Journal } from '../../journal/journal';
import type { FileInFlight } from './file-in-flight';

/**
 * The files between their first record and the journal, in replay order. A file is written down as done only when all
 * before it are, with its rejects published first.
 */
export class DoneQueue {
  readonly #journal: Journal;
  readonly #onDone: (file: DoneFile) => void;
  readonly #open: FileInFlight[] = [];
  #committing: Promise<void> = Promise.resolve();

  constructor(journal: Journal, onDone: (file: DoneFile) => void) {
    this.#journal = journal;
    this.#onDone = onDone;
  }

  /** How many files are not done. */
  get size(): number {
    return this.#open.length;
  }

  /** In replay order. */
  add(file: FileInFlight): void {
    this.#open.push(file);
  }

  /**
   * Writes down what is complete; to be called whenever a file may have become so.
   *
   * @throws RestoreError `REJECTS_UNWRITABLE` or `JOURNAL_MISMATCH`
   */
  async commit(): Promise<void> {
    if (!this.#open[0]?.complete) return;
    this.#committing = this.#committing.then(() => this.#commitComplete());
    await this.#committing;
  }

  /**
   * Leaves what was rejected of unfinished files where it can be looked at, as far as it can be written. Never fails: it
   * comes after the fault that matters, and a resume writes the rejects of these files anew.
   */
  async abandon(): Promise<void> {
    await Promise.allSettled(this.#open.map((file) => file.rejects.abandon()));
  }

  async #commitComplete(): Promise<void> {
    const done: DoneFile[] = [];
    for (let file = this.#open[0]; file?.complete; file = this.#open[0]) {
      await file.rejects.publish();
      done.push(file.done());
      this.#open.shift();
    }
    if (done.length === 0) return;
    await this.#journal.add(done);
    done.forEach(this.#onDone);
  }
}
