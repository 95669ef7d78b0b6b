import type { PointBatch } from '@ceres/tsm';

/** Passes batches from a reader that pushes to one that pulls, which decides how fast the first may go on. */
export class BatchQueue {
  readonly #batches: PointBatch[] = [];
  #onAdded: () => void = () => undefined;
  #onEmpty: () => void = () => undefined;

  add(batch: PointBatch): void {
    this.#batches.push(batch);
    this.#onAdded();
  }

  /** Returns what to wait for before more is read; `undefined` if more is wanted. */
  whenEmpty(): Promise<void> | undefined {
    if (this.#batches.length === 0) return undefined;
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  /**
   * Yields what a producer adds, until it ends. Leaving the loop aborts it.
   *
   * @throws what the producer throws
   */
  async *drain(produce: (signal: AbortSignal) => Promise<void>, outer?: AbortSignal): AsyncGenerator<PointBatch> {
    const controller = new AbortController();
    const abort = () => controller.abort(outer?.reason);
    outer?.addEventListener('abort', abort, { once: true });
    let outcome: { readonly error?: unknown } | undefined;
    const ended = produce(controller.signal)
      .then(
        () => ({}),
        (error: unknown) => ({ error }),
      )
      .then((how) => {
        outcome = how;
        this.#onAdded();
      });
    try {
      while (outcome === undefined || this.#batches.length > 0) {
        const batch = this.#batches.shift();
        if (batch !== undefined) yield batch;
        else await this.#nextAdded();
      }
      if ('error' in outcome) throw outcome.error;
    } finally {
      outer?.removeEventListener('abort', abort);
      controller.abort();
      this.#batches.length = 0;
      this.#onEmpty();
      await ended;
    }
  }

  async #nextAdded(): Promise<void> {
    const added = new Promise<void>((resolve) => {
      this.#onAdded = resolve;
    });
    this.#onEmpty();
    await added;
  }
}
