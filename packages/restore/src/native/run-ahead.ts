/** Takes all that a source yields, as fast as it comes, and keeps it for the one who iterates later. */
export class RunAhead<T> implements AsyncIterable<T> {
  /** Resolves once the source has ended; rejects with what it throws. */
  readonly ended: Promise<void>;
  readonly #items: T[] = [];
  #isEnded = false;
  #wake: () => void = () => undefined;

  constructor(source: AsyncIterable<T>) {
    this.ended = this.#take(source);
    this.ended.catch(() => undefined); // thrown to the one who iterates
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const item = this.#items.shift();
      if (item !== undefined) yield item;
      else if (this.#isEnded) return await this.ended;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  async #take(source: AsyncIterable<T>): Promise<void> {
    try {
      for await (const item of source) {
        this.#items.push(item);
        this.#wake();
      }
    } finally {
      this.#isEnded = true;
      this.#wake();
    }
  }
}
