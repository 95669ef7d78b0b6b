/** Runs some jobs at once while the caller goes on. The first failure stops the others from beginning, and is thrown by the next call. */
export class Jobs {
  readonly #max: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(max: number) {
    this.#max = max;
  }

  /** Begins a job once fewer than the most run. */
  async begin(job: () => Promise<void>): Promise<void> {
    while (this.#running.size >= this.#max) await Promise.race(this.#running);
    this.#throwFailure();
    const running: Promise<void> = job()
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Resolves when all jobs have ended. */
  async end(): Promise<void> {
    await this.settle();
    this.#throwFailure();
  }

  /** Resolves when no job runs any more, also after a failure. */
  async settle(): Promise<void> {
    await Promise.all(this.#running);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
