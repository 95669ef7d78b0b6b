import { setImmediate as turn } from 'node:timers/promises';

/** Lets work that others wait for go before long work, where one thread does both. */
export class RightOfWay {
  #urgent = 0;
  #waiting: (() => void)[] = [];

  /** Runs work for which all that calls `giveWay` waits. */
  async take<T>(work: () => Promise<T>): Promise<T> {
    this.#urgent += 1;
    try {
      return await work();
    } finally {
      this.#urgent -= 1;
      if (this.#urgent === 0) for (const go of this.#waiting.splice(0)) go();
    }
  }

  /** Lets everything else have its turn, and waits for the end of work that has taken the right of way. */
  async giveWay(): Promise<void> {
    await turn();
    while (this.#urgent > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}
