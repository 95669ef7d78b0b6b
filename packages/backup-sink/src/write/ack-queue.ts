/** Enough that a turn of the event loop costs little beside them, few enough that what they set off takes no millisecond. */
const acksPerTurn = 8;

/**
 * Tells writers what became of their writes, in order, a few in each turn of the event loop. Who is told mostly writes again
 * at once: were all writers of a large frame told in one turn, the disk would stand idle until the last of them is done, and
 * so would every other user of the loop.
 */
export class AckQueue {
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;

  /** `tell` must not throw. */
  add(tell: () => void): void {
    this.#waiting.push(tell);
    if (this.#isRunning) return;
    this.#isRunning = true;
    queueMicrotask(this.#turn);
  }

  readonly #turn = (): void => {
    for (const tell of this.#waiting.splice(0, acksPerTurn)) tell();
    this.#isRunning = this.#waiting.length > 0;
    if (this.#isRunning) setImmediate(this.#turn);
  };
}
