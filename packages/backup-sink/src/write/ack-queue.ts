/** Enough that the turn of the event loop costs little in comparison, and few enough that the work they trigger takes less than a millisecond. */
const acksPerTurn = 8;

/**
 * Settles the promises of writers in order, a few in each turn of the event loop. Most writers write again at once: if all writers of
 * a large frame were acked in one turn, the disk would be idle until the last of them is done, and so would every other user
 * of the loop.
 */
export class AckQueue {
  readonly #waiting: (() => void)[] = [];
  #isRunning = false;

  /** Adds a callback that settles one promise. It must not throw. */
  add(settle: () => void): void {
    this.#waiting.push(settle);
    if (this.#isRunning) return;
    this.#isRunning = true;
    queueMicrotask(this.#turn);
  }

  readonly #turn = (): void => {
    for (const settle of this.#waiting.splice(0, acksPerTurn)) settle();
    this.#isRunning = this.#waiting.length > 0;
    if (this.#isRunning) setImmediate(this.#turn);
  };
}
