/** Notices that a disk no longer answers. The calls themselves cannot be ended. */
export class StallWatch {
  readonly #stalled: Promise<never>;
  readonly #timer: NodeJS.Timeout;
  #hasStalled = false;

  /** @param ms the longest time between two answers */
  constructor(ms: number) {
    let stop = (_: Error): void => undefined;
    this.#stalled = new Promise((_, reject) => {
      stop = reject;
    });
    this.#timer = setTimeout(() => {
      this.#hasStalled = true;
      stop(new Error(`The disk has not answered for ${ms} ms.`));
    }, ms);
  }

  get hasStalled(): boolean {
    return this.#hasStalled;
  }

  /** Starts the time again. */
  answered(): void {
    if (!this.#hasStalled) this.#timer.refresh();
  }

  /** Settles as `work` does, or rejects once the time is over. What `work` does after that is ignored. */
  async over<T>(work: Promise<T>): Promise<T> {
    try {
      return await Promise.race([work, this.#stalled]);
    } finally {
      clearTimeout(this.#timer);
    }
  }
}
