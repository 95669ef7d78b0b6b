/** Lets a number of pieces of work run at a time; the others wait in the order of their calls. */
export class Slots {
  readonly #count: () => number;
  readonly #waiting: (() => void)[] = [];
  #held = 0;

  /** @param count how many there are; a function is asked whenever a slot is wanted or given back */
  constructor(count: number | (() => number)) {
    this.#count = typeof count === 'number' ? () => count : count;
  }

  get hasFree(): boolean {
    return this.#held < this.#count();
  }

  /** Resolves with a function that gives the slot back; calling it again does nothing. */
  async acquire(): Promise<() => void> {
    if (this.#waiting.length === 0 && this.hasFree) this.#held += 1;
    else await this.#wait();
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#held -= 1;
      this.#letIn();
    };
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.acquire();
    try {
      return await work();
    } finally {
      release();
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#letIn(); // there may be more slots than when the others began to wait
    });
  }

  #letIn(): void {
    while (this.#waiting.length > 0 && this.hasFree) {
      this.#held += 1;
      this.#waiting.shift()?.();
    }
  }
}
