import type { DoneFile } from '../../journal/done-files';
import type { Journal } from '../../journal/journal';
import type { FileInFlight } from './file-in-flight';

/**
 * The queue of files between their first record and the journal, in replay order. A file goes into the journal as done only
 * once all files before it are done and its rejected records are published.
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

  /** The number of files that are not done. */
  get size(): number {
    return this.#open.length;
  }

  /** Adds the next file in replay order. */
  add(file: FileInFlight): void {
    this.#open.push(file);
  }

  /**
   * Writes the complete files at the head of the queue into the journal. Call it whenever a file may have become complete.
   *
   * @throws RestoreError `REJECTS_UNWRITABLE` or `JOURNAL_MISMATCH`
   */
  async commit(): Promise<void> {
    if (!this.#open[0]?.complete) return;
    this.#committing = this.#committing.then(() => this.#commitComplete());
    await this.#committing;
  }

  /**
   * Writes the rejected records of unfinished files, as far as possible, so that an operator can look at them. It never
   * fails: it runs after the fault that matters, and a resume writes the rejected records of these files again.
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
